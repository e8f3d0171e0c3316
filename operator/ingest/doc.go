// Package ingest turns the objects of the member clusters into what the operator has to know of them, and keeps that
// indexed by the FQDN of the GSLB service that it may become part of.
//
// The functions From... are pure: one object in, small values out. An Index holds these values and says, after each
// change, which FQDNs it may have touched, so that the work grows with what changed and not with what there is. Whether an
// object is selected, and with which weight, is for package policy to say.
package ingest
