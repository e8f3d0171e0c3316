package reports

// tableView is a plain table of the page.
type tableView struct {
	Caption string
	Columns []columnView
	Rows    [][]cellView
	Hidden  int    // rows beyond the limit
	Empty   string // what to say if there are no rows
}

// columnView is the head of a column.
type columnView struct {
	Name   string
	Number bool // its cells are numbers, and stand at the right
}

type cellView struct {
	Text   string
	Number bool
	Bad    bool // something that should not have happened
}

// add appends a row as long as the table has room, and else counts it.
func (t *tableView) add(cells ...string) {
	if len(t.Rows) >= maxRows {
		t.Hidden++
		return
	}
	row := make([]cellView, len(cells))
	for i, text := range cells {
		row[i] = cellView{Text: text, Number: t.Columns[i].Number}
	}
	t.Rows = append(t.Rows, row)
}

// flag marks a cell of the row that was added last.
func (t *tableView) flag(column int) {
	if t.Hidden == 0 && len(t.Rows) > 0 {
		t.Rows[len(t.Rows)-1][column].Bad = true
	}
}
