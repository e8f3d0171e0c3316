package ingest

import (
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
	// Labels are the object's. They are shared with other candidates and must not be changed.
	Labels map[string]string
	// TLS says that the host is served with TLS.
	TLS bool
	// Passthrough says that TLS is passed through to the pods, so that paths cannot be probed.
	Passthrough bool
	// Paths are the URL paths of the host, without duplicates; empty for passthrough and layer-4 candidates.
	Paths []string
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

func isTrue(annotation string) bool { return strings.EqualFold(annotation, "true") }
