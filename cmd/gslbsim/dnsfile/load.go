package dnsfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/dns/geodb"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// MaxSize is the longest file in bytes: 100,000 services take about a fifth of it.
const MaxSize = 256 << 20

// Load reads a file and what it refers to, and returns the table it describes. Paths within the file are relative to its
// folder. An error lists the file's mistakes, each with line and field; no table is returned then.
func Load(path string) (*dns.Table, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	if info.Size() > MaxSize {
		return nil, fmt.Errorf("%s: has %d bytes, at most %d are allowed", path, info.Size(), MaxSize)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	return parse(path, src)
}

// unreadable says of a file only once which one it is.
func unreadable(path string, err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

func parse(path string, src []byte) (*dns.Table, error) {
	var doc document
	f := strict.Decode(path, src, &doc)
	if err := f.Err(); err != nil {
		return nil, err
	}
	if doc.Kind != kind {
		f.Fail("kind", "must be %q, not %q", kind, doc.Kind)
		return nil, f.Err()
	}
	r := reader{f: f}
	config := r.config(&doc)
	config.Geo = r.openGeo(&doc.Geo, filepath.Dir(path))
	if err := f.Err(); err != nil {
		return nil, err
	}
	table, err := dns.NewTable(config)
	if err != nil {
		r.locate(config, err)
		return nil, f.Err()
	}
	return table, nil
}

// openGeo opens the geo database, nil if the file names none.
func (r *reader) openGeo(g *geo, folder string) dns.GeoDB {
	within := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(folder, path)
	}
	switch {
	case g.MaxMind != "" && g.CSV != "":
		r.f.Fail("geo", "names two databases: use maxmind or csv")
	case g.MaxMind != "":
		if db, err := geodb.OpenMaxMind(within(g.MaxMind)); err == nil {
			return db
		} else {
			r.f.Fail("geo.maxmind", "%v", err)
		}
	case g.CSV != "":
		if db, err := geodb.OpenCSV(within(g.CSV)); err == nil {
			return db
		} else {
			r.f.Fail("geo.csv", "%v", err)
		}
	}
	return nil
}

// locate reports an error of a whole table at the object that causes it: tables are built of less and less until it is
// gone.
func (r *reader) locate(whole dns.Config, err error) {
	config := dns.Config{Profile: whole.Profile}
	table, failed := dns.NewTable(config)
	if failed != nil {
		r.f.Fail("profile", "%s", strings.TrimPrefix(failed.Error(), "profile: "))
		return
	}
	for i := range whole.Topology {
		config.Topology = whole.Topology[i : i+1]
		if _, failed := dns.NewTable(config); failed != nil {
			r.f.Fail(item("topology", i), "%v", failed)
			return
		}
	}
	for i := range whole.Services {
		next, failed := table.With(whole.Services[i:i+1], nil)
		if failed != nil {
			r.f.Fail(item("services", i), "%v", failed)
			return
		}
		table = next
	}
	for i := range whole.Records {
		if _, failed := table.WithRecords(whole.Records[:i+1]); failed != nil {
			r.f.Fail(item("records", i), "%v", failed)
			return
		}
	}
	r.f.Fail("", "%v", err)
}

func item(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
