package schema

import (
	"net/netip"
	"strconv"
)

// addressing checks the messages that addresses are written in, whose schema calls an address a plain string. UNCONFIRMED: that an
// address of the other family than its type is refused, rather than taken for what it is.
func (n *normalizer) addressing(m *Message, body map[string]any, path string) {
	switch m.Name {
	case "IpAddr":
		n.address(body, path)
	case "IpAddrPrefix":
		n.prefix(body, path)
	case "IpAddrRange":
		begin, end := parsed(body["begin"]), parsed(body["end"])
		if begin.IsValid() && end.IsValid() && (begin.BitLen() != end.BitLen() || end.Less(begin)) {
			n.refuse(join(path, "end"), end.String()+" does not follow "+begin.String())
		}
	}
}

// address checks an IpAddr. Of type DNS is a host name, which is not looked at.
func (n *normalizer) address(body map[string]any, path string) {
	typ, _ := body["type"].(string)
	text, ok := body["addr"].(string)
	if !ok || typ != "V4" && typ != "V6" {
		return
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" || a.Is4() != (typ == "V4") {
		n.refuse(join(path, "addr"), strconv.Quote(text)+" is not an IP"+map[string]string{"V4": "v4", "V6": "v6"}[typ]+" address")
	}
}

// prefix checks that the mask of an IpAddrPrefix fits its address.
func (n *normalizer) prefix(body map[string]any, path string) {
	a := parsed(body["ip_addr"])
	mask, ok := body["mask"].(int64)
	if a.IsValid() && ok && (mask < 0 || mask > int64(a.BitLen())) {
		n.refuse(join(path, "mask"), strconv.FormatInt(mask, 10)+" is not in the range 0 to "+strconv.Itoa(a.BitLen()))
	}
}

// parsed reads an IpAddr; the zero Addr if it is missing or holds a host name.
func parsed(value any) netip.Addr {
	m, _ := value.(map[string]any)
	text, _ := m["addr"].(string)
	a, _ := netip.ParseAddr(text)
	return a
}
