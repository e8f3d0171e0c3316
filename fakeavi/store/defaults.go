package store

import "net/http"

// KeepDefaults refuses to delete or rename the objects of the admin tenant that isDefault names, whoever asks: every controller is
// installed with them.
func KeepDefaults(isDefault func(typ, name string) bool) Admitter {
	return func(_ Op, old, now *Object) error {
		switch {
		case old == nil || old.Tenant != AdminTenant || !isDefault(old.Type, old.Name):
			return nil
		case now == nil:
			return systemDefault("delete", old.Name)
		case now.Name != old.Name:
			return systemDefault("rename", old.Name)
		}
		return nil
	}
}

// systemDefault refuses an action: 403. The text is what the vendor's Ansible modules look for in refused deletions. UNCONFIRMED: the
// status.
func systemDefault(action, name string) *Error {
	e := Refuse(http.StatusForbidden, "Cannot %s system default object %s", action, name)
	e.Object = name
	return e
}
