package dns

import (
	"fmt"

	mdns "github.com/miekg/dns"
)

// canonical brings a name into the form tables use as key: lower case with
// the final dot. The root is not a name a table can hold.
func canonical(name string) (string, error) {
	if _, ok := mdns.IsDomainName(name); !ok || name == "" || name == "." {
		return "", fmt.Errorf("%q is not a domain name: use labels of 1-63 characters, 255 in all", name)
	}
	return mdns.CanonicalName(name), nil
}

// checkTarget checks a name which is only ever answered, never looked up.
func checkTarget(name string) error {
	if _, ok := mdns.IsDomainName(name); !ok || name == "" {
		return fmt.Errorf("%q is not a domain name: use labels of 1-63 characters, 255 in all", name)
	}
	return nil
}

// parent cuts the first label off a canonical name; ok is false at the root.
func parent(name string) (up string, ok bool) {
	i, end := mdns.NextLabel(name, 0)
	if end {
		return "", false
	}
	return name[i:], true
}
