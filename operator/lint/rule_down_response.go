package lint

import (
	"fmt"
	"net/netip"
)

var downResponse = &Rule{
	ID: "down-response", Severity: Error,
	Doc:   "A down response with a fallback address has none, or one that is no address, or another down response has one.",
	check: checkDownResponse,
}

const fallbackType = "GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP"

func checkDownResponse(s *search) {
	for _, spec := range s.specs() {
		down := spec.get("downResponse")
		kind, address := down.get("type").text(), down.get("fallbackIP")
		_, err := netip.ParseAddr(address.text())
		switch {
		case kind == "":
		case kind != fallbackType && !address.isEmpty():
			s.report(address, "is not for "+kind, "remove fallbackIP, or use "+fallbackType)
		case kind == fallbackType && address.isEmpty():
			s.report(address, "is missing", "add the address that is answered when every member is down")
		case kind == fallbackType && err != nil && !templateMark.MatchString(address.text()):
			s.report(address, fmt.Sprintf("%s is no address", address.show()), "write an IPv4 or IPv6 address; a name is not looked up")
		}
	}
}
