package fakeavi

import (
	"reflect"

	"github.com/gslbsim/gslbsim/dns"
	"github.com/gslbsim/gslbsim/fakeavi/config"
	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// systemDNS returns the DNS virtual services that answer for the names of the site's own virtual services.
func (c *Controller) systemDNS() map[string]struct{} {
	out := map[string]struct{}{}
	configs, _ := c.store.List("systemconfiguration", store.Query{})
	for _, o := range configs {
		for _, r := range list(o.Body(), "dns_virtualservice_refs") {
			ref, _ := r.(string)
			if t, ok := store.ParseTarget(ref); ok {
				out[t.UUID] = struct{}{}
			}
		}
	}
	return out
}

// readRecords reads the names of all virtual services.
func (c *Controller) readRecords() {
	clear(c.records)
	virtual, _ := c.store.List("virtualservice", store.Query{})
	for _, o := range virtual {
		c.setRecords(o.UUID)
	}
}

// setRecords reads the names of one virtual service and reports whether they changed.
func (c *Controller) setRecords(uuid string) (changed bool) {
	var now []dns.Record
	if o, ok := c.store.Get("virtualservice", uuid); ok {
		now = config.ReadFQDNs(object(o), c.find)
	}
	if reflect.DeepEqual(now, c.records[uuid]) {
		return false
	}
	if now == nil {
		delete(c.records, uuid)
	} else {
		c.records[uuid] = now
	}
	return true
}

// touchRecords notes the DNS virtual services that answer for the names of a virtual service, if those changed.
func (c *Controller) touchRecords(uuid string) {
	if !c.setRecords(uuid) {
		return
	}
	for serving := range c.systemDNS() {
		c.touchVS(serving)
	}
}

// localRecords returns the names of all virtual services of the site, in the order of their uuids.
func (c *Controller) localRecords() []dns.Record {
	var records []dns.Record
	for _, uuid := range sortedKeys(c.records) {
		records = append(records, c.records[uuid]...)
	}
	return records
}
