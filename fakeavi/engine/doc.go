// Package engine is the service engine group of a site: it answers for virtual services, hosts the DNS virtual services
// that answer GSLB names, and checks the members of GSLB services.
//
// An engine is a host of its own. Its controller pushes the configuration and what the control plane reports (Update), and
// asks every HeartbeatInterval whether it is alive (Heartbeat); the engine tells its controller what changed (Report). An
// engine whose controller is gone goes on with what it has: it is headless, and then its own checks alone decide. An
// engine that loses power loses its configuration, and gets it again from the controller.
package engine
