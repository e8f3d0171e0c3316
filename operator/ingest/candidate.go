package ingest

import (
	"cmp"
	"encoding/json"
	"net/netip"
	"strings"

	"github.com/gslbsim/gslbsim/operator/model"
)

// Annotations that AKO writes on the objects it serves, and annotations of users that AKO and AMKO understand.
const (
	annotationVirtualServices = "ako.vmware.com/host-fqdn-vs-uuid-map"
	annotationController      = "ako.vmware.com/controller-cluster-uuid"
	annotationTenant          = "ako.vmware.com/tenant-name"
	annotationEnableTLS       = "ako.vmware.com/enable-tls"
	annotationPassthrough     = "passthrough.ako.vmware.com/enabled"
)

// Candidate is one host of one Kubernetes object that has a VIP, and so may become a member of a GSLB service.
type Candidate struct {
	model.Source
	VIP netip.Addr
	// VirtualService and Controller are the uuids that AKO noted on the object, empty if it did not.
	VirtualService string
	Controller     string
	// Tenant is what AKO noted on the object, empty if it did not.
	Tenant string
	// Labels are the object's.
	Labels Labels
	// TLS says that the host is served with TLS.
	TLS bool
	// Passthrough says that TLS is passed through to the pods, so that paths cannot be probed.
	Passthrough bool
	// Paths are the URL paths of the host, without duplicates; empty for passthrough and layer-4 candidates.
	Paths []string
	// WebPort is the port that paths are probed on if it is not the usual one, 80 or 443; 0: it is.
	WebPort uint32
	// Probe and Port are how a layer-4 candidate is probed; Port 0: it is not a layer-4 candidate.
	Probe model.Probe
	Port  uint32
	// Subdomain is set for a Route without a host: it counts only if it completes the policy's default domain to Host.
	Subdomain string
	// Unmappable says that the object is refused where FQDNs are mapped by HostRules.
	Unmappable bool
	// Held says that the candidate was read back from the controller because its cluster cannot be asked. Labels and
	// namespace are not known then.
	Held bool
}

// Compare orders candidates by their source, and those of one source by address, IPv4 first.
func (c Candidate) Compare(other Candidate) int {
	return cmp.Or(c.Source.Compare(other.Source), c.VIP.Compare(other.VIP))
}

// notes are what AKO wrote about an object.
type notes struct {
	virtualServices map[string]string
	controller      string
	tenant          string
}

// readNotes reads AKO's notes from a map of annotations, or from what stands in for one. A map of virtual services that
// cannot be read counts as absent.
func readNotes(annotations map[string]string) notes {
	n := notes{controller: annotations[annotationController], tenant: annotations[annotationTenant]}
	if text := annotations[annotationVirtualServices]; text != "" {
		if json.Unmarshal([]byte(text), &n.virtualServices) != nil {
			n.virtualServices = nil
		}
	}
	return n
}

// parseVIP reads an address; a zone or anything but an address is refused.
func parseVIP(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.Zone() != "" {
		return netip.Addr{}, false
	}
	return addr.Unmap(), true
}

// families collects the addresses of one host: of each family the first. An object with an address of each is dual-stack,
// and its virtual service a member with each; AMKO takes one of them.
type families struct{ v4, v6 netip.Addr }

func (f *families) add(text string) {
	switch vip, ok := parseVIP(text); {
	case !ok:
	case vip.Is4() && !f.v4.IsValid():
		f.v4 = vip
	case vip.Is6() && !f.v6.IsValid():
		f.v6 = vip
	}
}

// candidates returns the candidate once for each address.
func (f families) candidates(c Candidate) []Candidate {
	var out []Candidate
	for _, vip := range []netip.Addr{f.v4, f.v6} {
		if vip.IsValid() {
			c.VIP = vip
			out = append(out, c)
		}
	}
	return out
}

func isTrue(annotation string) bool { return strings.EqualFold(annotation, "true") }
