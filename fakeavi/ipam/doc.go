// Package ipam hands out VIP addresses from the networks of a controller, the way its internal IPAM does: a vsvip that
// asks for auto_allocate_ip gets an address of a network's static ranges, and gives it back when it is deleted.
//
// Allocation is deterministic: always the lowest free address of the first subnet that has one.
package ipam
