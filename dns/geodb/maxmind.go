package geodb

import (
	"fmt"
	"net/netip"
	"os"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/gslbsim/gslbsim/dns"
)

// MaxMind is a MaxMind City database (GeoIP2 City, GeoLite2 City, or another
// database with the same fields).
type MaxMind struct {
	reader *maxminddb.Reader
}

var _ dns.NetworkGeoDB = (*MaxMind)(nil)

// NewMaxMind reads a database from the contents of its file, which must not
// be changed afterwards. It fails if they are not a MaxMind database.
func NewMaxMind(data []byte) (*MaxMind, error) {
	reader, err := maxminddb.OpenBytes(data)
	if err != nil {
		return nil, fmt.Errorf("MaxMind database: %w", err)
	}
	return &MaxMind{reader: reader}, nil
}

// OpenMaxMind reads a database file into memory.
func OpenMaxMind(path string) (*MaxMind, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("MaxMind database: %w", err)
	}
	db, err := NewMaxMind(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return db, nil
}

// cityRecord is the part of a City record that makes a location.
type cityRecord struct {
	Country struct {
		ISOCode string `maxminddb:"iso_code"`
	} `maxminddb:"country"`
	Subdivisions []struct {
		ISOCode string `maxminddb:"iso_code"`
	} `maxminddb:"subdivisions"`
	City struct {
		Names struct {
			English string `maxminddb:"en"`
		} `maxminddb:"names"`
	} `maxminddb:"city"`
	Location struct {
		Latitude  *float64 `maxminddb:"latitude"`
		Longitude *float64 `maxminddb:"longitude"`
	} `maxminddb:"location"`
}

// Locate looks an address up. A record without coordinates, or one that
// cannot be read, is no location.
func (m *MaxMind) Locate(addr netip.Addr) (dns.Location, bool) {
	loc, _, found := m.LocateNetwork(addr)
	return loc, found
}

// LocateNetwork looks an address up and tells for which network the answer
// holds.
func (m *MaxMind) LocateNetwork(addr netip.Addr) (dns.Location, netip.Prefix, bool) {
	result := m.reader.Lookup(addr.Unmap())
	var record cityRecord
	if err := result.Decode(&record); err != nil || !result.Found() {
		return dns.Location{}, result.Prefix(), false
	}
	at := record.Location
	if at.Latitude == nil || at.Longitude == nil {
		return dns.Location{}, result.Prefix(), false
	}
	return dns.Location{Latitude: *at.Latitude, Longitude: *at.Longitude, Name: record.name()}, result.Prefix(), true
}

// name is "Country/State/City" as far as it is known: US/CA/Santa Clara.
func (r *cityRecord) name() string {
	parts := []string{r.Country.ISOCode, "", r.City.Names.English}
	if len(r.Subdivisions) > 0 {
		parts[1] = r.Subdivisions[0].ISOCode
	}
	return strings.TrimRight(strings.Join(parts, "/"), "/")
}
