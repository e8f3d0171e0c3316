package kube

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"

	metatable "k8s.io/apimachinery/pkg/api/meta/table"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/util/jsonpath"
	kjson "sigs.k8s.io/json"

	"github.com/gslbsim/gslbsim/sim/kube/internal/store"
)

// tableColumn is a column between the name and the age of a table.
type tableColumn struct {
	metav1.TableColumnDefinition
	path string
	// all says that every value of the path is printed; the columns of a CustomResourceDefinition print the first.
	all bool
}

func parseColumns(columns []Column, all bool) ([]tableColumn, error) {
	var out []tableColumn
	for _, c := range columns {
		if err := jsonpath.New(c.Name).Parse("{" + c.JSONPath + "}"); err != nil {
			return nil, fmt.Errorf("column %q: JSON path %q: %w", c.Name, c.JSONPath, err)
		}
		definition := metav1.TableColumnDefinition{
			Name: c.Name, Type: c.Type, Format: c.Format, Description: c.Description, Priority: c.Priority,
		}
		if definition.Description == "" && !all {
			definition.Description = "Custom resource definition column (in JSONPath format): " + c.JSONPath
		}
		out = append(out, tableColumn{definition, c.JSONPath, all})
	}
	return out, nil
}

// tabulate returns objects as an encoded metav1.Table: what kubectl get prints.
func (v *version) tabulate(objects []*store.Object, list metav1.ListMeta, options tableOptions) ([]byte, error) {
	table := metav1.Table{
		TypeMeta: metav1.TypeMeta{APIVersion: options.apiVersion, Kind: "Table"},
		ListMeta: list,
		Rows:     make([]metav1.TableRow, 0, len(objects)),
	}
	if !options.noHeaders {
		table.ColumnDefinitions = v.headers()
	}
	printers := v.printers()
	for _, o := range objects {
		row, err := v.row(o, printers, options)
		if err != nil {
			return nil, err
		}
		table.Rows = append(table.Rows, row)
	}
	return json.Marshal(table)
}

func (v *version) headers() []metav1.TableColumnDefinition {
	doc := metav1.ObjectMeta{}.SwaggerDoc()
	headers := []metav1.TableColumnDefinition{
		{Name: "Name", Type: "string", Format: "name", Description: doc["name"]},
	}
	for _, c := range v.columns {
		headers = append(headers, c.TableColumnDefinition)
	}
	if v.ownColumns() {
		return headers
	}
	return append(headers, metav1.TableColumnDefinition{
		Name: "Age", Type: "date", Description: doc["creationTimestamp"],
	})
}

// ownColumns says that the columns leave nothing to add: a definition that lists columns lists the age too, if it wants it.
func (v *version) ownColumns() bool { return v.isCustom() && len(v.columns) > 0 }

func (v *version) printers() []*jsonpath.JSONPath {
	var out []*jsonpath.JSONPath
	for _, c := range v.columns {
		p := jsonpath.New(c.Name).AllowMissingKeys(true)
		_ = p.Parse("{" + c.path + "}") // parsed before, by parseColumns
		out = append(out, p)
	}
	return out
}

func (v *version) row(o *store.Object, printers []*jsonpath.JSONPath, options tableOptions) (metav1.TableRow, error) {
	encoded := o.AppendJSON(nil, v.typeMeta)
	row := metav1.TableRow{Cells: []any{o.Meta.Name}}
	switch options.include {
	case metav1.IncludeObject:
		row.Object = runtime.RawExtension{Raw: encoded}
	case metav1.IncludeNone:
	default:
		row.Object = runtime.RawExtension{Raw: o.AppendMetadata(nil, partialTypeMeta(options.apiVersion))}
	}
	var content any
	if err := kjson.UnmarshalCaseSensitivePreserveInts(encoded, &content); err != nil {
		return row, fmt.Errorf("%s %q cannot be read back: %w", v.Kind, o.Meta.Name, err)
	}
	for i, c := range v.columns {
		row.Cells = append(row.Cells, c.cell(printers[i], content))
	}
	if !v.ownColumns() {
		row.Cells = append(row.Cells, metatable.ConvertToHumanReadableDateType(o.Meta.CreationTimestamp))
	}
	return row, nil
}

// cell returns the value of a column, nil where the object has none.
func (c tableColumn) cell(path *jsonpath.JSONPath, content any) any {
	results, err := path.FindResults(content)
	if err != nil || len(results) == 0 || len(results[0]) == 0 {
		return nil
	}
	if c.all {
		var texts []string
		for _, r := range results[0] {
			texts = append(texts, printed(path, r))
		}
		return strings.Join(texts, ",")
	}
	first := results[0][0]
	switch value := first.Interface().(type) {
	case int64:
		switch c.Type {
		case "integer":
			return value
		case "number":
			return float64(value)
		}
	case float64:
		switch c.Type {
		case "integer":
			return int64(value)
		case "number":
			return value
		}
	case bool:
		if c.Type == "boolean" {
			return value
		}
	case string:
		if c.Type == "date" {
			return age(value)
		}
	}
	if c.Type != "string" {
		return nil
	}
	return printed(path, first)
}

func printed(path *jsonpath.JSONPath, value reflect.Value) string {
	var out bytes.Buffer
	if err := path.PrintResults(io.Writer(&out), []reflect.Value{value}); err != nil {
		return ""
	}
	return out.String()
}

func age(timestamp string) string {
	var t metav1.Time
	if err := t.UnmarshalQueryParameter(timestamp); err != nil {
		return "<invalid>"
	}
	return metatable.ConvertToHumanReadableDateType(t)
}
