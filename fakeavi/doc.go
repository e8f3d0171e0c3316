// Package fakeavi is an Avi controller with its service engines, as far as global server load balancing needs them: the
// REST API, the database, the federation of sites, health, and the engines that answer DNS and applications.
//
// New makes a freshly installed controller. It works over three interfaces that the world implements: a Scheduler, a
// Wire between controllers and engines, and a Prober that makes health checks. In a virtual run they are an event loop,
// a simulated network and function calls; in a live run, timers, an in-process switch (package wire) and sockets.
// Federation forms a GSLB of several controllers by the requests that an administrator would make.
//
// The parts: schema, store and api are the REST API of objects; config says what objects mean; federation makes sites
// one; engine serves; health decides who is up; inventory shows what is so; ipam hands out VIPs.
//
// # What differs from the product
//
// Every difference that a user may meet is listed here, with the test that shows it where there is one.
//
//   - A pool whose servers are dead is down at once; its own health monitors are not simulated
//     (engine.TestAppsBehave).
//   - A service engine group is one engine: virtual services are not scaled out, and do not move to another engine when
//     theirs fails (TestFailureOfAnApplicationEngine).
//   - hm_shard_enabled shares checks among the engines of a site that host GSLB services (TestShardedChecks), of which each
//     service engine group is one.
//   - Each DNS virtual service answers by what its own site has found; what other sites' checks find does not reach it
//     (TestPartitionMakesEachSideActAlone), unless they check a site's members as its health monitor proxies
//     (TestHealthMonitorProxy). datapath_status in runtime lists the sites whose findings count, not all that check.
//   - FQDNs of members are not resolved: a member without an address is answered as a CNAME and is not checked
//     (config.TestReadServiceMembers).
//   - Site persistence is shown (TestRuntimeOfSitePersistence), but no request is proxied: virtual services have no hidden pools, so one
//     whose own pool is down is down, where the product's stays up for as long as another site's is.
//   - DNS policies are acted upon where they select a site; rules that allow, drop, reply, switch pools or limit rates are
//     stored (config.TestReadDNS).
//   - A gslbgeodbprofile is stored and not acted upon: locations come from Config.Geo (TestGeoDatabase).
//   - REPLICATION_MODE_ADAPTIVE is taken for continuous, and auto_tune_send_interval is not acted upon.
//   - The credentials that sites use for one another are those of a superuser of the other site; what a role would have to
//     allow for it is not asked (TestPasswordOfASiteIsChanged).
//   - Enforcement of licences, upgrade, backup and cloud connectors do not exist.
//   - Files cannot be uploaded: fileobject, hsmpackages, images and GeoDB files have no content.
//   - HTTP policies are acted upon where they send a path to a pool (config.TestReadVirtualService); all else in them, and
//     L4 policies, data scripts, WAF and authentication, are stored.
//   - External, SIP, RADIUS, mail, FTP, LDAP and SCTP monitors pass if anything answers; certificates are not verified. Of
//     monitors, response_size, tcp_half_open, NTLM and the fields for HTTP/2 are stored and not acted upon (config.TestReadMonitor).
//   - In a virtual run applications have bodies and codes, no headers; a DNS monitor of anything but a DNS virtual service passes
//     if anything answers (TestDNSMonitorOfADNSVirtualService).
//   - A change that a follower makes under enable_config_by_members is made at once and taken back if the leader refuses it
//     (federation.TestSwitchThatTheLeaderRefusesIsTakenBack); one that is still under way when the follower loses power stays
//     until the leader pushes the service.
//   - Of gslbsiteops there are verify and changeleader (TestVerifySite, TestLeaderIsChangedByRequest); sites are taken in and out, and
//     maintenance mode is set, by writes of the gslb object. There are inventories of gslb, gslbservice, virtualservice and pool only.
//   - adaptrepl/window of gslb shows what is pending (TestRemoteSites); replication is never adaptive.
//   - Inventories have no metrics, and a health score of 100 or 0 (TestRuntimeOfApplications).
//   - Events are about GSLB services, virtual services, the federation and configuration; they are kept in memory and are
//     lost with the process. Alerts come from events, not from logs and metrics, and send nothing (TestAlerts).
//   - Applications log nothing; DNS virtual services log queries of clients, without client log filters (TestDNSLogs).
//   - A password cannot expire or be recovered, and logins are not asked of LDAP, SAML or other services.
//   - Federated objects are shipped with equal uuids on all controllers (TestFederationIsFormedByRequests).
//
// # Unconfirmed behaviour
//
// Where the product's behaviour is not documented, one named place holds the choice, and its comment says so:
//
//   - inventory: RemoteSite, sitePersistence, ReplicationWindow, unhosted, siteStatus, syncStatus, the identifiers and the wording of what managers say; what a DNS virtual
//     service shows of its engine (showDNS, answerCounts, locations).
//   - health: required (min_health_monitors_up), controlOnly, unwatched, initializing.
//   - config: proxiesFor (what a private member is), readProxies, logPolicy.
//   - engine: HeartbeatMisses as an engine counts them, answerHTTP without a pool.
//   - federation: ChangeLeader (the next view), poll (who must miss a leader), target (when a checkpoint was),
//     forwarded (what becomes of a follower's change that the leader refuses),
//     storable (an object of the site's own by the same name).
//   - config: defaultPorts and readHTTP (a Host line of the request's own) of monitors, ReadDNS for a disabled site, readLocation of a member without one.
//   - ipam: Subnet without static ranges.
//   - schema: addressing (an address of the other family), what is said of lists with a minimum and of unknown fields.
//   - api: everything whose comment says UNCONFIRMED, among them texts of refused logins and what a session limit does.
//   - fakeavi: checkGroups, checkDomains (a controller without a GSLB), systemDefaults, admitEnd, admitCheckpoint, checkCandidate, shards (who checks what, and when others take over), the rules of rules.go, alertConfigs, federationEvents, federatedInfo, gslbMonitors, changeLeader's view_id, verifyReply.
package fakeavi
