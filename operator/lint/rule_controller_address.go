package lint

import (
	"fmt"
	"regexp"
)

var controllerAddress = &Rule{
	ID: "controller-address", Severity: Error,
	Doc:   "The controller's address is missing in a GSLBConfig, or is not an address or host name: a URL, a list, or with spaces.",
	check: checkControllerAddress,
}

var hostName = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z]([0-9A-Za-z._-]*[0-9A-Za-z])?)(:[0-9]{1,5})?$|^[0-9A-Fa-f:]+$`)

func checkControllerAddress(s *search) {
	for _, c := range s.configs {
		address := c.address.text()
		switch {
		case address == "" && c.doc.form == formManifest && c.address.isEmpty():
			s.report(c.address, "is missing", "write the address of the controller that leads GSLB")
		case address != "" && !hostName.MatchString(address) && !templateMark.MatchString(address):
			s.report(c.address, fmt.Sprintf("%q is no address or host name", address), "write it as 192.0.2.10 or avi.example.com, without https:// and path")
		}
	}
}
