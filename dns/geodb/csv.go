package geodb

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/gslbsim/gslbsim/dns"
)

const (
	// csvVersion is the only version of the format there is.
	csvVersion = "V.01"
	// MaxCSVRanges bounds the ranges of one file.
	MaxCSVRanges = 10_000_000
	// maxCSVErrorPercent is the share of faulty lines above which a file is
	// refused.
	maxCSVErrorPercent = 95
)

// CSV is a database in the product's own format. The first line is "V.01";
// then every line is
//
//	first address,last address,latitude,longitude,name,tag
//
// without spaces, where name is "Country/State/City" and name and tag may be
// missing or "-". Lines that begin with # are comments. Faulty lines are
// skipped; a file in which more than 95 % are faulty is refused.
type CSV struct {
	four    ranges4    // of IPv4
	ranges  []csvRange // of IPv6, sorted, without overlaps
	skipped int
	first   error
}

var _ dns.NetworkGeoDB = (*CSV)(nil)

type csvRange struct {
	first, last netip.Addr
	location    dns.Location
}

// OpenCSV reads a file in the product's format.
func OpenCSV(path string) (*CSV, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("geo database: %w", err)
	}
	defer file.Close()
	db, err := ReadCSV(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}

// ReadCSV reads a database in the product's format. It fails if the version
// line is missing, if too many lines are faulty, or if reading fails. A range
// that overlaps one on an earlier line is taken for faulty (unconfirmed).
func ReadCSV(r io.Reader) (*CSV, error) {
	db := &CSV{}
	lines := bufio.NewScanner(r)
	if !lines.Scan() || strings.TrimSpace(lines.Text()) != csvVersion {
		return nil, errors.Join(fmt.Errorf("geo database: the first line must be %s", csvVersion), lines.Err())
	}
	var ranges []numbered
	for number := 2; lines.Scan(); number++ {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		entry, err := parseRange(line)
		if err != nil {
			db.skip(number, err)
			continue
		}
		if len(ranges) == MaxCSVRanges {
			return nil, fmt.Errorf("geo database: more than %d ranges", MaxCSVRanges)
		}
		ranges = append(ranges, numbered{entry, number})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("geo database: %w", err)
	}
	db.arrange(ranges)
	if db.skipped*100 > maxCSVErrorPercent*(db.skipped+db.Len()) {
		return nil, fmt.Errorf("geo database: %d of %d lines are faulty: %w",
			db.skipped, db.skipped+db.Len(), db.first)
	}
	return db, nil
}

// numbered is a range with its line number.
type numbered struct {
	csvRange
	line int
}

func (db *CSV) skip(line int, err error) {
	db.skipped++
	if db.first == nil {
		db.first = fmt.Errorf("line %d: %w", line, err)
	}
}

// Skipped is how many faulty lines were left out, and what was wrong with the
// first one found.
func (db *CSV) Skipped() (lines int, first error) { return db.skipped, db.first }

// Len is how many ranges the database has.
func (db *CSV) Len() int { return len(db.ranges) + len(db.four.ranges) }

// arrange sorts the ranges and leaves out those that overlap one from an
// earlier line.
func (db *CSV) arrange(ranges []numbered) {
	slices.SortStableFunc(ranges, func(a, b numbered) int { return a.first.Compare(b.first) })
	kept := ranges[:0]
	for _, next := range ranges {
		for len(kept) > 0 {
			last := kept[len(kept)-1]
			if last.last.Less(next.first) {
				break
			}
			if last.line < next.line {
				db.skip(next.line, errors.New("the range overlaps an earlier one"))
				next.line = 0
				break
			}
			db.skip(last.line, errors.New("the range overlaps an earlier one"))
			kept = kept[:len(kept)-1]
		}
		if next.line > 0 {
			kept = append(kept, next)
		}
	}
	for i := range kept {
		if r := &kept[i].csvRange; r.first.Is4() {
			db.four.add(r)
		} else {
			db.ranges = append(db.ranges, *r)
		}
	}
	db.four.complete()
}

func parseRange(line string) (csvRange, error) {
	fields := strings.Split(line, ",")
	if len(fields) < 4 || len(fields) > 6 {
		return csvRange{}, fmt.Errorf("%d fields: 4 to 6 are expected", len(fields))
	}
	first, err := netip.ParseAddr(fields[0])
	if err != nil {
		return csvRange{}, err
	}
	last, err := netip.ParseAddr(fields[1])
	if err != nil {
		return csvRange{}, err
	}
	if first.BitLen() != last.BitLen() || last.Less(first) || first.Zone() != "" || last.Zone() != "" {
		return csvRange{}, fmt.Errorf("%v-%v is not a range", first, last)
	}
	loc := dns.Location{}
	if loc.Latitude, err = parseDegrees(fields[2], 90); err != nil {
		return csvRange{}, err
	}
	if loc.Longitude, err = parseDegrees(fields[3], 180); err != nil {
		return csvRange{}, err
	}
	if len(fields) > 4 && fields[4] != "-" {
		loc.Name = fields[4]
	}
	if len(fields) > 5 && fields[5] != "-" {
		loc.Tag = fields[5]
	}
	return csvRange{first: first, last: last, location: loc}, nil
}

func parseDegrees(field string, limit float64) (float64, error) {
	degrees, err := strconv.ParseFloat(field, 64)
	if err != nil {
		return 0, err
	}
	if !(degrees >= -limit && degrees <= limit) {
		return 0, fmt.Errorf("%v degrees: use -%v..%v", degrees, limit, limit)
	}
	return degrees, nil
}

// Locate returns the location of the range an address is in.
func (db *CSV) Locate(addr netip.Addr) (dns.Location, bool) {
	loc, _, found := db.LocateNetwork(addr)
	return loc, found
}

// LocateNetwork is Locate, with the widest network around the address that
// lies within the range, or within the gap between ranges.
func (db *CSV) LocateNetwork(addr netip.Addr) (dns.Location, netip.Prefix, bool) {
	addr = addr.Unmap()
	if addr.Is4() {
		return db.four.locate(addr)
	}
	after, _ := slices.BinarySearchFunc(db.ranges, addr, func(r csvRange, a netip.Addr) int {
		if r.first.Compare(a) <= 0 {
			return -1
		}
		return 1
	})
	var last, next netip.Addr // the neighbours that are out of the network
	if after > 0 {
		r := &db.ranges[after-1]
		if !r.last.Less(addr) {
			return r.location, widest(addr, r.first.Prev(), r.last.Next()), true
		}
		last = r.last
	}
	if after < len(db.ranges) {
		next = db.ranges[after].first
	}
	return dns.Location{}, widest(addr, last, next), false
}

// widest is the shortest prefix that holds addr and none of two addresses
// below and above. An address of another family, or none, is no bound.
func widest(addr, below, above netip.Addr) netip.Prefix {
	p, _ := addr.Prefix(max(differingBits(addr, below), differingBits(addr, above)))
	return p
}

// differingBits is the length of the shortest prefix of a that does not hold
// b.
func differingBits(a, b netip.Addr) int {
	if a.BitLen() != b.BitLen() {
		return 0
	}
	x, y := a.As16(), b.As16()
	skip := 128 - a.BitLen()
	for i := 0; i < len(x); i += 8 {
		if diff := binary.BigEndian.Uint64(x[i:]) ^ binary.BigEndian.Uint64(y[i:]); diff != 0 {
			return i*8 + bits.LeadingZeros64(diff) - skip + 1
		}
	}
	return a.BitLen()
}
