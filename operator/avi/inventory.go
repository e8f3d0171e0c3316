package avi

import (
	"context"
	"net/url"

	"github.com/gslbsim/gslbsim/operator/model"
)

// AllTenants is the tenant of a call that looks at all tenants.
const AllTenants = "*"

// Services reads the GSLB services, in all tenants, that have one of the marks. Objects that cannot be read are left out,
// and returned as problems.
func (c *Client) Services(ctx context.Context, createdBy ...string) (services []model.StoredService, problems []error, err error) {
	for _, mark := range createdBy {
		objects, err := c.List(ctx, "gslbservice", AllTenants, url.Values{"created_by": {mark}})
		if err != nil {
			return nil, nil, err
		}
		for _, object := range objects {
			s, err := model.ParseService(object, "")
			if err != nil {
				problems = append(problems, err)
				continue
			}
			services = append(services, s)
		}
	}
	return services, problems, nil
}

// Monitors reads the federated health monitors of all tenants.
func (c *Client) Monitors(ctx context.Context) (monitors []model.StoredMonitor, problems []error, err error) {
	objects, err := c.List(ctx, "healthmonitor", AllTenants, url.Values{"is_federated": {"true"}})
	if err != nil {
		return nil, nil, err
	}
	for _, object := range objects {
		m, err := model.ParseMonitor(object, "")
		if err != nil {
			problems = append(problems, err)
			continue
		}
		monitors = append(monitors, m)
	}
	return monitors, problems, nil
}

// FirstPKI returns the name of the first federated PKI profile, empty if there is none: the one that AMKO uses when no
// policy names one.
func (c *Client) FirstPKI(ctx context.Context) (string, error) {
	var p struct{ Results []struct{ Name string } }
	query := url.Values{"is_federated": {"true"}, "page_size": {"10"}}
	if err := c.decode(ctx, adminTenant, "pkiprofile", query, &p); err != nil {
		return "", err
	}
	if len(p.Results) == 0 {
		return "", nil
	}
	return p.Results[0].Name, nil
}
