package main

import (
	"fmt"

	"github.com/vmware/alb-sdk/go/clients"
	"github.com/vmware/alb-sdk/go/models"
	"github.com/vmware/alb-sdk/go/session"
)

// profiles is how many application profiles TestApiClientCollections counts on the vendor's controller.
const profiles = 11

// prepare makes a controller one as the tests expect to find: which application profiles beyond the well-known ones the
// vendor's has, is not public; the test only counts them.
func prepare(host string) error {
	c, err := clients.NewAviClient(host, "admin", session.SetPassword(password), session.SetInsecure, session.SetTenant("admin"))
	if err != nil {
		return err
	}
	have, err := c.ApplicationProfile.GetAll()
	if err != nil {
		return err
	}
	kind := "APPLICATION_PROFILE_TYPE_L4"
	for i := len(have); i < profiles; i++ {
		name := fmt.Sprintf("conformance-%d", i)
		if _, err := c.ApplicationProfile.Create(&models.ApplicationProfile{Name: &name, Type: &kind}); err != nil {
			return err
		}
	}
	return nil
}
