// Package federation makes one GSLB out of several controllers: it replicates the leader's federated objects to the active
// followers, exchanges the states of virtual services among the sites, and changes the leader.
//
// A Node is one controller's part of it. What a Node knows of the federation is the gslb object of its own store: who
// leads, which sites there are, and in which view. Nodes talk by messages over a Wire. Every active site contacts every
// other Avi site each send_interval, with one message that carries only what changed. A leader pushes changes at once and
// tries again at the next contact what did not arrive.
package federation
