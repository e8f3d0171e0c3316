package analytics_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/fakeavi/analytics"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// log is six DNS records, a second apart: of a.test, b.test in turn, the last two not significant.
func log(t testing.TB) []analytics.Record {
	var out []analytics.Record
	for i := range 6 {
		text := fmt.Sprintf(`{"report_timestamp":%q,"adf":%v,"udf":%v,"dns_fqdn":"%s.test","client_ip":%d,"dns_ips":[167772161,%d],"total_time":%d,
			"dns_response":{"records":[{"ttl":30,"site_name":"Site-%d"}]}}`,
			analytics.Timestamp(start.Add(time.Duration(i)*time.Second)), i < 4, i == 4, string(rune('a'+i%2)), 167772160+i, 3232235521+i, 10*i, i)
		r, err := analytics.ParseRecord([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	return out
}

func run(t *testing.T, g *GomegaWithT, query string) (q analytics.Query, res analytics.Result) {
	t.Helper()
	values, err := url.ParseQuery(query)
	g.Expect(err).NotTo(HaveOccurred())
	q, err = analytics.Parse(values)
	g.Expect(err).NotTo(HaveOccurred())
	return q, q.Run(log(t), start.Add(6*time.Second))
}

func TestSearch(t *testing.T) {
	for _, tc := range []struct {
		query string
		want  string // total_time of the records, in order
	}{
		{"", "30 20 10 0"},
		{"adf=false", ""},
		{"udf=true", "40 30 20 10 0"},
		{"adf=false&nf=true", "50"},
		{"udf&nf", "50 40 30 20 10 0"},
		{"orderby=report_timestamp", "0 10 20 30"},
		{"orderby=dns_fqdn,-total_time", "20 0 30 10"},
		{"page_size=3", "30 20 10"},
		{"page_size=3&page=2", "0"},
		{"page_size=3&page=9", ""},
		{"start=2026-01-01T00:00:02Z", "30 20"},
		{"end=2026-01-01T00:00:02.000000Z", "10 0"},
		{"start=2026-01-01T00:00:01&end=2026-01-01T00:00:03", "20 10"},
		{"duration=4", "30 20"},
		{"duration=1&end=2026-01-01T00:00:03Z", "20"},
		{"filter=eq(dns_fqdn,a.test)", "20 0"},
		{"filter=eq(dns_fqdn,A.TEST)", "20 0"},
		{"filter=ne(dns_fqdn,a.test)", "30 10"},
		{"filter=eq(dns_fqdn,[a.test,b.test])", "30 20 10 0"},
		{"filter=sw(dns_fqdn,b)&filter=gt(total_time,10)", "30"},
		{"filter=ge(total_time,10)&filter=le(total_time,20)", "20 10"},
		{"filter=lt(total_time,10)", "0"},
		{"filter=co(all,site-2)", "20"},
		{"filter=nc(all,site-2)", "30 10 0"},
		{"filter=eq(dns_response.records.site_name,Site-1)", "10"},
		{"filter=eq(client_ip,10.0.0.2)", "20"},
		{"filter=eq(client_ip,167772162)", "20"},
		{"filter=sw(dns_ips,192.168.0.)", "30 20 10 0"},
		{"filter=eq(dns_ips,192.168.0.2)", "10"},
		{"filter=eq(nothing,1)", ""},
		{"filter=ne(nothing,1)", "30 20 10 0"},
	} {
		t.Run(tc.query, func(t *testing.T) {
			g := NewWithT(t)
			_, res := run(t, g, tc.query)
			var got []string
			for _, r := range res.Records {
				got = append(got, fmt.Sprint(r["total_time"]))
			}
			g.Expect(strings.Join(got, " ")).To(Equal(tc.want))
		})
	}
}

func TestGroups(t *testing.T) {
	g := NewWithT(t)
	render := func(query string) string {
		q, res := run(t, g, query)
		text, err := q.Render(res, "")
		g.Expect(err).NotTo(HaveOccurred())
		return string(text)
	}
	g.Expect(render("groupby=dns_fqdn&udf=true&format=csv")).To(Equal("count,dns_fqdn\n3,a.test\n2,b.test\n"))
	g.Expect(render("groupby=total_time&step=20&format=csv&orderby=total_time")).To(Equal("count,total_time\n2,0\n2,20\n"))
	g.Expect(render("groupby=dns_ips&format=csv&page_size=1")).To(Equal("count,dns_ips\n4,10.0.0.1\n"))
}

func TestFormats(t *testing.T) {
	g := NewWithT(t)
	q, res := run(t, g, "download=true&cols=dns_fqdn,client_ip,dns_ips&filter=eq(total_time,0)")
	g.Expect(q.PageSize).To(Equal(10_000))
	text, err := q.Render(res, "")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(Equal("dns_fqdn,client_ip,dns_ips\na.test,10.0.0.0,\"10.0.0.1,192.168.0.1\"\n"))

	q, res = run(t, g, "format=txt&cols=dns_fqdn,client_ip&page_size=1")
	text, err = q.Render(res, "")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(Equal("dns_fqdn\tclient_ip\nb.test\t10.0.0.3\n"))

	q, res = run(t, g, "cols=client_ip&page_size=3&query_id=7")
	g.Expect(q.HasNext(res)).To(BeTrue())
	text, err = q.Render(res, "https://h/api/analytics/logs?page=2")
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(string(text)).To(MatchJSON(`{"count":4,"percent_remaining":0,"query_id":"7",
		"results":[{"client_ip":167772163},{"client_ip":167772162},{"client_ip":167772161}],"next":"https://h/api/analytics/logs?page=2"}`))
	q, res = run(t, g, "page_size=3&page=2")
	g.Expect(q.HasNext(res)).To(BeFalse())
}

func TestParametersThatAreRefused(t *testing.T) {
	for query, want := range map[string]string{
		"type=3":                              "type: ",
		"page=0":                              "page: ",
		"page_size=10001":                     "page_size: ",
		"adf=maybe":                           "adf: ",
		"download=maybe":                      "download: ",
		"start=yesterday":                     "start: ",
		"duration=-1":                         "duration: ",
		"format=xml":                          "format: ",
		"step=x":                              "step: ",
		"filter=eq":                           "filter: ",
		"filter=eq(a)":                        "filter: ",
		"filter=like(a,b)":                    "none of the operators",
		strings.Repeat("filter=eq(a,b)&", 51): "more than 50 filters",
	} {
		values, _ := url.ParseQuery(query)
		_, err := analytics.Parse(values)
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring(want)), query)
	}
}

func TestEventLogKeepsTheLatest(t *testing.T) {
	g := NewWithT(t)
	l := analytics.NewEventLog(3)
	for i := range 5 {
		l.Add(analytics.Event{At: start, ID: fmt.Sprint(i)})
	}
	var ids []string
	for _, e := range l.Events() {
		ids = append(ids, e.ID)
	}
	g.Expect(ids).To(Equal([]string{"2", "3", "4"}))
}

// FuzzSearch checks that no query makes a search fail in another way than with an error.
func FuzzSearch(f *testing.F) {
	records := log(f)
	for _, seed := range []string{"filter=eq(a.b,[1,2])&groupby=dns_ips&step=7", "filter=co(all,x)&orderby=-dns_response.records.ttl", "cols=a,b&format=csv",
		"start=0&end=2026-01-01&duration=1e9"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, _ := url.ParseQuery(query)
		q, err := analytics.Parse(values)
		if err != nil {
			return
		}
		res := q.Run(records, start)
		if len(res.Records) > q.PageSize || len(res.Records) > res.Count {
			t.Fatalf("%d records on a page of %d, %d in all", len(res.Records), q.PageSize, res.Count)
		}
		if _, err := q.Render(res, ""); err != nil {
			t.Fatal(err)
		}
	})
}

func ExampleQuery_Run() {
	record, _ := analytics.ParseRecord([]byte(`{"report_timestamp":"2026-01-01T00:00:00.000000+00:00","adf":true,"dns_fqdn":"app.test","client_ip":167772161}`))
	q, _ := analytics.Parse(url.Values{"filter": {"eq(client_ip,10.0.0.1)"}, "cols": {"dns_fqdn"}})
	fmt.Println(q.Run([]analytics.Record{record}, time.Now()).Records)
	// Output: [map[dns_fqdn:app.test]]
}
