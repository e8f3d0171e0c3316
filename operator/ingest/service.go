package ingest

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/gslbsim/gslbsim/operator/model"
)

// FromService returns the candidate of a Service of type LoadBalancer that has ports: the host name of the first status
// entry counts, with the addresses of all entries that have it. Other Services yield nothing.
func FromService(cluster string, svc *corev1.Service) []Candidate {
	entries := svc.Status.LoadBalancer.Ingress
	if svc.Spec.Type != corev1.ServiceTypeLoadBalancer || len(svc.Spec.Ports) == 0 || len(entries) == 0 || entries[0].Hostname == "" {
		return nil
	}
	var addresses families
	host := entries[0].Hostname
	for _, entry := range entries {
		if entry.Hostname == host {
			addresses.add(entry.IP)
		}
	}
	probe, port := probePort(svc.Spec.Ports)
	ako := readNotes(svc.Annotations)
	return addresses.candidates(Candidate{
		Source: model.Source{
			Kind: model.LoadBalancer, Cluster: cluster, Namespace: svc.Namespace, Name: svc.Name, Host: host,
		},
		VirtualService: ako.virtualServices[host], Controller: ako.controller, Tenant: ako.tenant,
		Labels: LabelsOf(svc.Labels), Probe: probe, Port: port,
	})
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
