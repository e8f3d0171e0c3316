package dnsfile

import (
	"net/netip"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/sim/strict"
)

// kind is what the file's field kind must say.
const kind = "DNS"

// document is the file as it is written. Pointers are settings that have a default other than zero.
type document struct {
	Kind     string         `yaml:"kind"`
	About    string         `yaml:"about"`
	Profile  profile        `yaml:"profile"`
	Geo      geo            `yaml:"geo"`
	Services []service      `yaml:"services"`
	Records  []record       `yaml:"records"`
	Topology []topologyRule `yaml:"topology"`
}

type profile struct {
	TTL           *uint32  `yaml:"ttl"`
	NumIPs        *int     `yaml:"num-dns-ip"`
	ErrorResponse string   `yaml:"error-response"`
	AAAAEmpty     *bool    `yaml:"aaaa-empty-response"`
	NegativeTTL   *uint32  `yaml:"negative-caching-ttl"`
	Domains       []string `yaml:"domains"`
	Zones         []zone   `yaml:"zones"`
	AdminEmail    string   `yaml:"admin-email"`
	NameServer    string   `yaml:"name-server"`
	EDNS          *bool    `yaml:"edns"`
	Clients       *clients `yaml:"clients"`
}

type zone struct {
	Domain     string `yaml:"domain"`
	AdminEmail string `yaml:"admin-email"`
	NameServer string `yaml:"name-server"`
}

// clients is the client address group of NAT-aware GSLB.
type clients struct {
	Lists    string         `yaml:"lists"`
	Networks []netip.Prefix `yaml:"networks"`
}

type geo struct {
	MaxMind string `yaml:"maxmind"`
	CSV     string `yaml:"csv"`
}

type service struct {
	UUID              string   `yaml:"uuid"`
	Name              string   `yaml:"name"`
	Tenant            string   `yaml:"tenant"`
	Domains           []string `yaml:"domains"`
	Enabled           *bool    `yaml:"enabled"`
	Algorithm         string   `yaml:"algorithm"`
	TTL               *uint32  `yaml:"ttl"`
	NumIPs            *int     `yaml:"num-dns-ip"`
	MinMembers        int      `yaml:"min-members"`
	Wildcard          bool     `yaml:"wildcard-match"`
	ResolveCNAME      bool     `yaml:"resolve-cname"`
	UseECS            *bool    `yaml:"use-edns-client-subnet"`
	Down              down     `yaml:"down-response"`
	RecordType        string   `yaml:"record-type"`
	AdditionalRecords bool     `yaml:"include-additional-records"`
	Topology          bool     `yaml:"topology-policy-enabled"`
	Pools             []pool   `yaml:"pools"`
}

type down struct {
	Type              string     `yaml:"type"`
	FallbackIP        netip.Addr `yaml:"fallback-ip"`
	FallbackIP6       netip.Addr `yaml:"fallback-ip6"`
	PublicFallbackIP  netip.Addr `yaml:"public-fallback-ip"`
	PublicFallbackIP6 netip.Addr `yaml:"public-fallback-ip6"`
	FallbackCNAME     string     `yaml:"fallback-cname"`
}

type pool struct {
	Name      string   `yaml:"name"`
	Priority  *int     `yaml:"priority"`
	Algorithm string   `yaml:"algorithm"`
	Fallback  string   `yaml:"fallback-algorithm"`
	HashMask  int      `yaml:"consistent-hash-mask"`
	HashMask6 int      `yaml:"consistent-hash-mask6"`
	Enabled   *bool    `yaml:"enabled"`
	Clients   string   `yaml:"clients"`
	Members   []member `yaml:"members"`
}

type member struct {
	IP         netip.Addr `yaml:"ip"`
	FQDN       string     `yaml:"fqdn"`
	PublicIP   netip.Addr `yaml:"public-ip"`
	Ratio      int        `yaml:"ratio"`
	Preference int        `yaml:"preference-order"`
	Enabled    *bool      `yaml:"enabled"`
	Up         *bool      `yaml:"up"`
	Site       string     `yaml:"site"`
	SiteRatio  int        `yaml:"site-ratio"`
	Location   *location  `yaml:"location"`
	FromDB     bool       `yaml:"location-from-geodb"`
	SRV        *srvData   `yaml:"srv"`
}

type location struct {
	Latitude  float64 `yaml:"latitude"`
	Longitude float64 `yaml:"longitude"`
	Name      string  `yaml:"name"`
	Tag       string  `yaml:"tag"`
}

type srvData struct {
	Priority uint16 `yaml:"priority"`
	Weight   uint16 `yaml:"weight"`
	Port     uint16 `yaml:"port"`
}

type record struct {
	Names     []string     `yaml:"names"`
	Type      string       `yaml:"type"`
	TTL       *uint32      `yaml:"ttl"`
	Algorithm string       `yaml:"algorithm"`
	NumIPs    int          `yaml:"num-records-in-response"`
	Wildcard  bool         `yaml:"wildcard-match"`
	Delegated bool         `yaml:"delegated"`
	Addresses []netip.Addr `yaml:"addresses"`
	CNAME     string       `yaml:"cname"`
	NS        []nameServer `yaml:"ns"`
	MX        []mx         `yaml:"mx"`
	TXT       []string     `yaml:"txt"`
	SRV       []srv        `yaml:"srv"`
}

type nameServer struct {
	Host      string       `yaml:"host"`
	Addresses []netip.Addr `yaml:"addresses"`
}

type mx struct {
	Host       string `yaml:"host"`
	Preference uint16 `yaml:"preference"`
}

type srv struct {
	Target   string `yaml:"target"`
	Priority uint16 `yaml:"priority"`
	Weight   uint16 `yaml:"weight"`
	Port     uint16 `yaml:"port"`
}

type topologyRule struct {
	Name          string         `yaml:"name"`
	Clients       []netip.Prefix `yaml:"clients"`
	Countries     []string       `yaml:"countries"`
	ClientsNot    bool           `yaml:"clients-not"`
	Ports         []portRange    `yaml:"client-ports"`
	PortsNot      bool           `yaml:"client-ports-not"`
	GeoName       string         `yaml:"geo-name"`
	GeoTag        string         `yaml:"geo-tag"`
	GeoNot        bool           `yaml:"geo-not"`
	Suffixes      []string       `yaml:"suffixes"`
	Types         []string       `yaml:"types"`
	TypesNot      bool           `yaml:"types-not"`
	Transport     string         `yaml:"transport"`
	Site          string         `yaml:"site"`
	Fallbacks     []string       `yaml:"fallback-sites"`
	SitePreferred *bool          `yaml:"is-site-preferred"`
	UseECS        *bool          `yaml:"use-edns-client-subnet"`
}

// portRange is written as a port, or as the first and the last one: 1024-2047.
type portRange dns.PortRange

// DecodeYAML implements strict.Decoder.
func (r *portRange) DecodeYAML(f *strict.File, field string, n *yaml.Node) {
	first, last, isRange := strings.Cut(n.Value, "-")
	if !isRange {
		last = first
	}
	from, err := strconv.ParseUint(first, 10, 16)
	to, err2 := strconv.ParseUint(last, 10, 16)
	if n.Kind != yaml.ScalarNode || err != nil || err2 != nil || from == 0 || to < from {
		f.Fail(field, "must be a port from 1 to 65535 or a range of them such as 1024-2047")
		return
	}
	r.First, r.Last = uint16(from), uint16(to)
}
