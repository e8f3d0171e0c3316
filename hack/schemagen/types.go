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
