package model_test

import (
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/gslbsim/gslbsim/operator/model"
)

func shop() model.Service {
	return model.Service{
		Key:         model.Key{Tenant: "admin", Name: "shop.example.com"},
		CreatedBy:   "amko-11111111-2222-3333-4444-555555555555",
		DomainNames: []string{"shop.example.com"},
		Sources: []model.Source{
			{Kind: model.Ingress, Cluster: "east", Namespace: "web", Name: "shop", Host: "shop.example.com"},
			{Kind: model.LoadBalancer, Cluster: "west", Namespace: "web", Name: "shop", Host: "shop.example.com"},
		},
		Pools: []model.Pool{
			{Priority: 20, Algorithm: model.RoundRobin, MinMonitorsUp: 2, Members: []model.Member{{
				VIP: netip.MustParseAddr("10.1.0.1"), Ratio: 3, Controller: "cluster-e", VirtualService: "virtualservice-e",
			}}},
			{Priority: 10, Algorithm: model.RoundRobin, MinMonitorsUp: 2, Members: []model.Member{{
				VIP: netip.MustParseAddr("2001:db8::1"), Ratio: 1, PublicIP: netip.MustParseAddr("203.0.113.7"),
			}}},
		},
		Monitors: []string{"amko--one"},
	}
}

func ExampleService_Body() {
	fmt.Println(indented(shop().Body()))
	// Output:
	// {
	//   "controller_health_status_enabled": true,
	//   "created_by": "amko-11111111-2222-3333-4444-555555555555",
	//   "description": "INGRESS/east/web/shop/shop.example.com,LBSVC/west/web/shop",
	//   "domain_names": [
	//     "shop.example.com"
	//   ],
	//   "enabled": true,
	//   "groups": [
	//     {
	//       "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN",
	//       "enabled": true,
	//       "members": [
	//         {
	//           "cluster_uuid": "cluster-e",
	//           "enabled": true,
	//           "ip": {
	//             "addr": "10.1.0.1",
	//             "type": "V4"
	//           },
	//           "ratio": 3,
	//           "vs_uuid": "virtualservice-e"
	//         }
	//       ],
	//       "min_health_monitors_up": 2,
	//       "name": "amko-gs-group-20",
	//       "priority": 20
	//     },
	//     {
	//       "algorithm": "GSLB_ALGORITHM_ROUND_ROBIN",
	//       "enabled": true,
	//       "members": [
	//         {
	//           "enabled": true,
	//           "ip": {
	//             "addr": "2001:db8::1",
	//             "type": "V6"
	//           },
	//           "public_ip": {
	//             "ip": {
	//               "addr": "203.0.113.7",
	//               "type": "V4"
	//             }
	//           },
	//           "ratio": 1
	//         }
	//       ],
	//       "min_health_monitors_up": 2,
	//       "name": "amko-gs-group-10",
	//       "priority": 10
	//     }
	//   ],
	//   "health_monitor_refs": [
	//     "/api/healthmonitor?name=amko--one"
	//   ],
	//   "health_monitor_scope": "GSLB_SERVICE_HEALTH_MONITOR_ALL_MEMBERS",
	//   "is_federated": true,
	//   "min_members": 0,
	//   "name": "shop.example.com",
	//   "pool_algorithm": "GSLB_SERVICE_ALGORITHM_PRIORITY",
	//   "resolve_cname": false,
	//   "site_persistence_enabled": false,
	//   "tenant_ref": "/api/tenant/?name=admin",
	//   "use_edns_client_subnet": true,
	//   "wildcard_match": false
	// }
}

func ExamplePathMonitor() {
	m := model.PathMonitor(model.Key{Tenant: "admin", Name: "foo.avi.com"}, "amko-1", "/", false)
	fmt.Println(m.Key.Name)
	fmt.Println(m.Description())
	// Output:
	// amko--ca83bd5048b64a70aba2f3f666da479ab62a588e
	// created by: amko, gsname: foo.avi.com, path: /, protocol: http
}

func indented(body []byte) string {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return err.Error()
	}
	out, _ := json.MarshalIndent(v, "", "  ")
	return string(out)
}
