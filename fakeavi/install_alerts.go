package fakeavi

// alertConfigs are the action groups and alert configurations that are shipped. That a controller ships one for GSLB, and which events
// it names, is unconfirmed; the action groups are the product's.
func alertConfigs() []shipped {
	var list []shipped
	for _, level := range []string{"Low", "Medium", "High"} {
		list = append(list, shipped{"actiongroupconfig", obj{
			"name": "System-Alert-Level-" + level, "external_only": false, "level": "ALERT_" + map[string]string{
				"Low": "LOW", "Medium": "MEDIUM", "High": "HIGH",
			}[level],
		}})
	}
	alert := func(name, level, objectType, summary string, events ...string) {
		var rules []any
		for _, e := range events {
			rules = append(rules, obj{"event_id": e})
		}
		list = append(list, shipped{"alertconfig", obj{
			"name": name, "source": "EVENT_LOGS", "category": "REALTIME", "object_type": objectType, "summary": summary, "throttle": 0,
			"action_group_ref": "/api/actiongroupconfig?name=System-Alert-Level-" + level,
			"alert_rule":       obj{"operator": "OPERATOR_OR", "sys_event_rule": rules},
		}})
	}
	alert("System-VS-Alert", "Medium", "VIRTUALSERVICE", "System-VS-Alert System Alert Triggered", "VS_UP", "VS_DOWN")
	alert("System-GSLB-Service-Alert", "High", "GSLBSERVICE", "System-GSLB-Service-Alert System Alert Triggered", "GS_UP", "GS_DOWN")
	alert("System-GSLB-Alert", "High", "GSLB", "System-GSLB-Alert System Alert Triggered",
		"GSLB_SITE_OPER_STATUS", "GSLB_SITE_EXCEPTION_STATUS")
	return list
}
