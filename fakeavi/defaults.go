package fakeavi

import (
	"strings"

	"github.com/gslbsim/gslbsim/fakeavi/store"
)

// systemDefaults are the shipped objects that stay, as "<type>/<name>": the product's documentation says that default profiles can be
// edited, but neither renamed nor deleted. That the cloud, the routing context and the engine group belong to them is unconfirmed.
func (c *Controller) systemDefaults() map[string]bool {
	defaults := map[string]bool{}
	for _, o := range c.shipped() {
		name, _ := o.body["name"].(string)
		key := o.typ + "/" + name
		switch {
		case strings.HasPrefix(name, "System-"),
			key == "cloud/Default-Cloud", key == "vrfcontext/global", key == "serviceenginegroup/Default-Group":
			defaults[key] = true
		}
	}
	return defaults
}

// admitDefaults refuses to delete or rename system defaults.
func (c *Controller) admitDefaults() store.Admitter {
	defaults := c.systemDefaults()
	return store.KeepDefaults(func(typ, name string) bool { return defaults[typ+"/"+name] })
}
