package ingest

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/gslbsim/gslbsim/operator/model"
)

// FromService returns the candidate of a Service of type LoadBalancer that has ports and, in its first status entry, both
// an address and a host name; nothing for other Services.
func FromService(cluster string, svc *corev1.Service) []Candidate {
	if svc.Spec.Type != corev1.ServiceTypeLoadBalancer || len(svc.Status.LoadBalancer.Ingress) == 0 {
		return nil
	}
	entry := svc.Status.LoadBalancer.Ingress[0]
	vip, ok := parseVIP(entry.IP)
	if !ok || entry.Hostname == "" || len(svc.Spec.Ports) == 0 {
		return nil
	}
	probe, port := probePort(svc.Spec.Ports)
	ako := readNotes(svc.Annotations)
	return []Candidate{{
		Source: model.Source{
			Kind: model.LoadBalancer, Cluster: cluster, Namespace: svc.Namespace, Name: svc.Name, Host: entry.Hostname,
		},
		VIP: vip, VirtualService: ako.virtualServices[entry.Hostname], Controller: ako.controller, Tenant: ako.tenant,
		Labels: svc.Labels, Probe: probe, Port: port,
	}}
}

// probePort is the smallest port, of two equal ones the TCP one. A port of another protocol, such as SCTP, is taken at
// once and probed with TCP: AMKO's choice for what the controller has no monitor for.
func probePort(ports []corev1.ServicePort) (model.Probe, uint32) {
	var probe model.Probe
	var least uint32
	for _, p := range ports {
		port := uint32(p.Port) // the API server admits 1-65535
		switch p.Protocol {
		case corev1.ProtocolUDP:
			if least == 0 || port < least {
				probe, least = model.ProbeUDP, port
			}
		case corev1.ProtocolTCP, "":
			if least == 0 || port <= least {
				probe, least = model.ProbeTCP, port
			}
		default:
			return model.ProbeTCP, port
		}
	}
	return probe, least
}
