// Package dnsfile reads the file that says what `gslbsim dns` serves: the DNS
// application profile, GSLB services, static records, topology rules and the
// geo database of one DNS virtual service. Mistakes are told with file, line
// and field.
package dnsfile
