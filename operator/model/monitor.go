package model

import (
	"crypto/sha1" // names, not secrets: AMKO's naming scheme is built on SHA-1
	"encoding/hex"
	"strings"
)

// Probe is how a health monitor looks at a member.
type Probe string

// The probes that the operator makes monitors for.
const (
	ProbeHTTP  Probe = "HEALTH_MONITOR_HTTP"
	ProbeHTTPS Probe = "HEALTH_MONITOR_HTTPS"
	ProbeTCP   Probe = "HEALTH_MONITOR_TCP"
	ProbeUDP   Probe = "HEALTH_MONITOR_UDP"
)

// MaxMonitors is the controller's limit for health monitors of one service.
const MaxMonitors = 6

// Monitor is a health monitor as the policy wants it.
type Monitor struct {
	Key       Key
	CreatedBy string
	Probe     Probe
	Port      uint32
	// Service is the FQDN that the monitor is for; empty for the one that all passthrough services of a tenant share.
	Service string
	// Path is the URL path of an HTTP or HTTPS probe.
	Path string
	// Request is the request line of an HTTP or HTTPS probe and Codes are the response classes that pass.
	Request string
	Codes   []string
	// Template is the user's monitor that Request and Codes come from; empty: the built-in ones.
	Template string
}

// PathMonitor is the monitor of one URL path of a service.
func PathMonitor(service Key, createdBy, path string, tls bool) Monitor {
	m := Monitor{
		CreatedBy: createdBy, Service: service.Name, Path: path,
		Probe: ProbeHTTP, Port: 80, Request: "HEAD " + path + " HTTP/1.0", Codes: []string{"HTTP_2XX", "HTTP_3XX"},
	}
	if tls {
		m.Probe, m.Port = ProbeHTTPS, 443
	}
	m.Key = Key{service.Tenant, hashedName(m.protocol() + "--" + service.Name + "--" + path)}
	return m
}

// PortMonitor is the monitor of a service whose members are layer-4 load balancers. probe is ProbeTCP or ProbeUDP.
func PortMonitor(service Key, createdBy string, probe Probe, port uint32) Monitor {
	return Monitor{
		Key: Key{service.Tenant, hashedName(service.Name)}, CreatedBy: createdBy, Service: service.Name,
		Probe: probe, Port: port,
	}
}

// PassthroughMonitor is the monitor that all services of a tenant share whose members pass TLS through.
func PassthroughMonitor(tenant, createdBy string) Monitor {
	return Monitor{Key: Key{tenant, passthroughName(createdBy)}, CreatedBy: createdBy, Probe: ProbeTCP, Port: 443}
}

// FromTemplate returns m with the request line and response codes of a user's monitor; the path of the request line is
// replaced by m's own. request must have three parts separated by single spaces.
func (m Monitor) FromTemplate(name, request string, codes []string) Monitor {
	parts := strings.Split(request, " ")
	if len(parts) == 3 {
		parts[1] = m.Path
		m.Request = strings.Join(parts, " ")
	}
	m.Template, m.Codes = name, codes
	return m
}

// Description is the description that the monitor carries on the controller; ParseMonitor reads it back.
func (m Monitor) Description() string {
	text := "created by: amko"
	if m.Service != "" {
		text += gsnameLabel + m.Service
	}
	if m.Path != "" {
		text += pathLabel + m.Path + protocolLabel + m.protocol()
		if m.Template != "" {
			text += templateLabel + m.Template
		}
	}
	return text
}

func (m Monitor) protocol() string {
	if m.Probe == ProbeHTTPS {
		return "https"
	}
	return "http"
}

const (
	monitorPrefix = "amko--"
	gsnameLabel   = ", gsname: "
	pathLabel     = ", path: "
	protocolLabel = ", protocol: "
	templateLabel = ", created from: "
)

// HasMonitorName says whether a name is of the form that AMKO and the operator give to the monitors they make.
func HasMonitorName(name string) bool { return strings.HasPrefix(name, monitorPrefix) }

func hashedName(text string) string {
	sum := sha1.Sum([]byte(text)) // see the import
	return monitorPrefix + hex.EncodeToString(sum[:])
}

func passthroughName(createdBy string) string {
	return monitorPrefix + "passthrough-hm-tcp" + strings.TrimPrefix(createdBy, "amko")
}

// describedService returns the FQDN in a monitor's description. An FQDN has neither comma nor space, so it ends where the
// next label begins, whatever the path after it contains.
func describedService(description string) string {
	_, rest, found := strings.Cut(description, gsnameLabel)
	if !found {
		return ""
	}
	name, _, _ := strings.Cut(rest, ",")
	return name
}

// describedPath returns the URL path in a monitor's description. The path may itself contain commas, colons and even the
// labels, so it ends at the last protocol label.
func describedPath(description string) string {
	_, rest, found := strings.Cut(description, pathLabel)
	if !found {
		return ""
	}
	if end := strings.LastIndex(rest, protocolLabel); end >= 0 {
		return rest[:end]
	}
	return rest
}
