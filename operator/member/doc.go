// Package member watches a member cluster: it finds out which of the kinds that count are served, keeps informers on them,
// and delivers what package ingest makes of each object. A cluster that does not answer is tried again until it does; what
// was delivered of it stands meanwhile.
package member
