package reports

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/reports/internal/wording"
	"github.com/gslbsim/gslbsim/sim/result"
)

// worldView is what the run was made of.
type worldView struct {
	Sites    tableView
	Services []serviceView
	Hidden   int // services that are not on the page
}

// serviceView is a GSLB service with its members and the timers of its health.
type serviceView struct {
	Name    string
	TTL     string
	Health  []string
	Members tableView
}

func worldOf(r *result.Result) worldView {
	v := worldView{Sites: sitesTable(r.Sites)}
	members := 0
	for _, s := range r.Services {
		members += len(s.Members)
		if members > maxMembers || len(v.Services) >= maxRows {
			v.Hidden++
			continue
		}
		v.Services = append(v.Services, serviceOf(s))
	}
	return v
}

func sitesTable(sites []result.Site) tableView {
	t := tableView{
		Caption: "Sites",
		Columns: []columnView{
			{Name: "Site"}, {Name: "Role"}, {Name: "Controller"}, {Name: "DNS virtual services"}, {Name: "Clusters"},
		},
		Empty: "The world has no sites.",
	}
	for _, s := range sites {
		t.add(name(s.Name), orElse(name(s.Role), "no controller"), orDash(name(s.Controller)), list(s.DNS),
			list(s.Clusters))
	}
	return t
}

func list(names []string) string { return orDash(text(wording.Line(strings.Join(names, ", ")))) }

func serviceOf(s result.Service) serviceView {
	v := serviceView{
		Name:   orElse(name(s.Name), "unnamed service"),
		TTL:    "TTL " + strconv.Itoa(s.TTL) + "s",
		Health: healthWords(s.Health),
	}
	v.Members = tableView{
		Caption: "Members of " + v.Name,
		Columns: []columnView{{Name: "Address"}, {Name: "Site"}, {Name: "Pool"}, {Name: "Priority", Number: true}},
		Empty:   "The service has no members.",
	}
	byRatio := s.Algorithm == ""
	if byRatio {
		v.Members.Columns = append(v.Members.Columns, columnView{Name: "Ratio", Number: true}, columnView{Name: "Share of its pool", Number: true})
	} else {
		v.Health = append([]string{"Members are chosen by " + name(s.Algorithm) + ", not by their ratio."}, v.Health...)
	}
	ratios := map[string]int{}
	for _, m := range s.Members {
		ratios[m.Pool] += m.Ratio
	}
	for _, m := range s.Members {
		cells := []string{orDash(name(m.Address)), orDash(name(m.Site)), orDash(name(m.Pool)), strconv.Itoa(m.Priority)}
		if byRatio {
			cells = append(cells, strconv.Itoa(m.Ratio), wording.Percent(m.Ratio, ratios[m.Pool]))
		}
		v.Members.add(cells...)
	}
	return v
}

// healthWords says how fast the health of a service is noticed.
func healthWords(h result.HealthSetting) []string {
	var words []string
	if h.ControlPlane {
		words = append(words, fmt.Sprintf("Control plane: sites send the state of their virtual services every %s.",
			wording.Span(h.SendInterval.Duration())))
	}
	if h.Monitors > 0 {
		words = append(words, fmt.Sprintf(
			"Data plane: %s, a check every %s that may take %s; %s in a row take a member down, %s bring it back.",
			wording.Plural(h.Monitors, "monitor", "monitors"),
			wording.Span(h.Interval.Duration()), wording.Span(h.Timeout.Duration()),
			wording.Plural(h.FailedChecks, "failed check", "failed checks"),
			wording.Plural(h.SuccessfulChecks, "successful one", "successful ones")))
	}
	if len(words) == 0 {
		return []string{"Nothing checks the health of the members."}
	}
	return words
}

func trafficTable(groups []result.Traffic) tableView {
	t := tableView{
		Caption: "What each group of clients saw",
		Columns: []columnView{
			{Name: "Clients of"}, {Name: "Host"}, {Name: "Clients", Number: true}, {Name: "Queries", Number: true},
			{Name: "From cache", Number: true}, {Name: "Unanswered", Number: true},
			{Name: "Median", Number: true}, {Name: "Slowest", Number: true},
		},
		Empty: "There were no clients.",
	}
	for _, g := range groups {
		t.add(name(g.Name), name(g.Host), wording.Count(g.Clients), wording.Count(g.Queries),
			share(g.FromCache, g.Queries), share(g.Unanswered, g.Queries),
			wording.Span(g.Median.Duration()), wording.Span(g.Slowest.Duration()))
		if g.Unanswered > 0 {
			t.flag(5)
		}
	}
	return t
}

// share writes a count and what part of whole it is.
func share(part, whole int) string {
	if part == 0 {
		return "0"
	}
	return wording.Count(part) + " (" + wording.Percent(part, whole) + ")"
}

func callsTable(calls []result.CallCount) tableView {
	t := tableView{
		Caption: "API requests by program, kind of object and status",
		Columns: []columnView{
			{Name: "Program"}, {Name: "Method"}, {Name: "Type"},
			{Name: "Status", Number: true}, {Name: "Requests", Number: true},
		},
		Empty: "There were no API requests.",
	}
	for _, c := range calls {
		t.add(name(c.Program), name(c.Method), name(c.Type), status(c.Status), wording.Count(c.Count))
		if c.Status < 200 || c.Status >= 400 {
			t.flag(3)
		}
	}
	return t
}

// status writes an HTTP status; what is none means that there was no reply.
func status(code int) string {
	if code < 100 {
		return "no reply"
	}
	return strconv.Itoa(code)
}

func callsIn(calls []result.CallCount) int {
	n := 0
	for _, c := range calls {
		n += c.Count
	}
	return n
}
