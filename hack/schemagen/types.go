package main

// objectTypes are the models that the catalogue covers: everything that AMKO, AKO or an administrator of GSLB touches, and the
// small types that those refer to. A reference to any other type is kept as it is written.
var objectTypes = []string{
	// GSLB and what it replicates.
	"Gslb", "GslbService", "GslbGeoDbProfile", "HealthMonitor", "ApplicationPersistenceProfile", "PKIProfile",
	"JWTServerProfile", "JWTProfile", "FederationCheckpoint", "FileObject", "GeoDB",
	// Applications.
	"VirtualService", "VsVip", "Pool", "PoolGroup", "HTTPPolicySet", "L4PolicySet", "VSDataScriptSet", "StringGroup",
	"IpAddrGroup", "DnsPolicy", "NetworkSecurityPolicy", "SecurityPolicy", "SSOPolicy", "WafPolicy", "WafProfile",
	"TrafficCloneProfile", "PriorityLabels", "PoolGroupDeploymentPolicy", "ServerAutoScalePolicy", "AutoScaleLaunchConfig",
	// Profiles.
	"ApplicationProfile", "NetworkProfile", "SSLKeyAndCertificate", "SSLProfile", "AnalyticsProfile", "AuthProfile",
	"AuthMappingProfile", "ErrorPageProfile", "ErrorPageBody", "IcapProfile", "CertificateManagementProfile",
	"HardwareSecurityModuleGroup", "IPReputationDB", "ProtocolParser",
	// Infrastructure.
	"Network", "VrfContext", "Cloud", "CloudConnectorUser", "IpamDnsProviderProfile", "CustomIpamDnsProfile",
	"ServiceEngineGroup", "ServiceEngine", "AvailabilityZone", "VIMgrNWRuntime",
	// Administration.
	"Tenant", "User", "Role", "UserAccountProfile", "Cluster", "SystemConfiguration", "ControllerProperties", "SeProperties",
	"ControllerSite", "LabelGroup", "AlertConfig", "AlertEmailConfig", "AlertSyslogConfig", "ActionGroupConfig",
	"SnmpTrapProfile", "Scheduler", "BackupConfiguration",
}

// viewMessages are messages that replies hold and that no object type reaches, by the model in whose file they are: runtime and
// inventory.
var viewMessages = map[string][]string{
	"Alert":                {"Alert", "VirtualServiceRuntime"},
	"GslbCRMRuntime":       {"GslbCRMRuntime"},
	"GslbHSMRuntime":       {"GslbHSMRuntime"},
	"GslbInventory":        {"GslbInventory"},
	"GslbSMRuntime":        {"GslbSMRuntime"},
	"GslbServiceInventory": {"GslbServiceInventory"},
	"PoolInventory":        {"PoolInventory"},
	"VsInventory":          {"VsInventory"},
}

// keptFields are the only fields taken of messages that have hundreds of them, each with messages of its own, which nothing here
// ever fills in.
var keptFields = map[string][]string{
	"EventDetails": {
		"config_action_details", "config_create_details", "config_delete_details", "config_update_details",
		"config_user_login_details", "config_user_logout_details", "dns_sync_info", "glb_info", "gs_info", "se_hm_gs_details",
		"se_hm_gsgroup_details", "se_hm_pool_details", "se_hm_vs_details",
	},
}

// droppedFields are left out of messages for the same reason.
var droppedFields = map[string][]string{
	"Alert":                     {"app_events", "metric_info"},
	"ConnectionLog":             {"diameter_log", "sip_log"},
	"GslbPoolMemberRuntimeInfo": {"vserver_l4_metrics", "vserver_l7_metrics"},
	"PoolInventory":             {"metrics"},
	"VirtualServiceRuntime":     {"datapath_debug", "sec_mgr_info", "vs_update_pending"},
	"VsInventory":               {"metrics"},
}

// singletons are returned bare by their collection URL. The OpenAPI file of Cluster describes a list, but controllers answer
// with the object.
var singletons = map[string]bool{"Cluster": true}

// sensitiveFields are secrets wherever they occur; the OpenAPI files do not mark them.
var sensitiveFields = map[string]bool{
	"password": true, "auth_password": true, "nuage_password": true, "vca_password": true, "unix_crypt_password": true,
	"avi_email_login_password": true, "key_passphrase": true, "auth_passphrase": true, "priv_passphrase": true,
	"secret_access_key": true, "secret_key": true, "private_key": true, "shared_secret": true, "client_secret": true,
	"server_secret": true, "md5_secret": true, "aes_key": true, "hmac_key": true, "recovery_token": true,
	"portal_token": true, "authentication_token": true,
}

// sensitiveIn are secrets in one message only, where the field's name is harmless elsewhere.
var sensitiveIn = map[string]bool{
	"SSLKeyAndCertificate.key": true, "JWSKey.key": true, "NTPAuthenticationKey.key": true,
	"SnmpConfiguration.community": true,
}
