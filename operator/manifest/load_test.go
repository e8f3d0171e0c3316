package manifest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	"github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/crds"
	"github.com/gslbsim/gslbsim/operator/manifest"
)

func ExampleLoad() {
	const src = `apiVersion: amko.vmware.com/v1alpha2
kind: GlobalDeploymentPolicy
metadata:
  name: global-gdp
  namespace: avi-system
spec:
  trafficSplit:
  - cluster: east
    weight: 50
  - cluster: west
    wieght: 10
  ttl: "30"
`
	_, err := manifest.Load("gdp.yaml", []byte(src), manifest.Options{})
	fmt.Println(err)
	// Output:
	// gdp.yaml:9: spec.trafficSplit[0].weight: 50 is out of range (use 1 to 20)
	// gdp.yaml:11: spec.trafficSplit[1].wieght: unknown field (did you mean weight?)
	// gdp.yaml:12: spec.ttl: must be an integer, not "30" (remove the quotes)
}

const gdpHead = `apiVersion: amko.vmware.com/v1alpha2
kind: GlobalDeploymentPolicy
metadata: {name: gdp, namespace: avi-system}
`

const ghrHead = `apiVersion: amko.vmware.com/v1alpha1
kind: GSLBHostRule
metadata: {name: ghr, namespace: avi-system}
`

const hostRuleHead = `apiVersion: ako.vmware.com/v1beta1
kind: HostRule
metadata: {name: hr}
`

const ingressHead = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
`

const serviceHead = `apiVersion: v1
kind: Service
metadata: {name: web}
`

// Each row is a manifest and what is wrong with it, one line an error.
var faulty = []struct{ name, src, want string }{
	// Text.
	{"no YAML", "a: [b\n", "f:1: is no valid YAML: did not find expected ',' or ']'"},
	{"no YAML in a later document", "# nothing\n---\na: b\n\tc: d\n",
		"f:4: is no valid YAML: found a tab character that violates indentation (indent with spaces instead of tabs)"},
	{"comment of another language", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: \"web\"   // a comment\n  labels: {}\n",
		"f:4: is no valid YAML: did not find expected key (comments begin with #, not with //)"},
	{"colon in a value", "kind: a: b\n",
		"f:1: is no valid YAML: mapping values are not allowed in this context (check the indentation, and quote values that contain a colon)"},
	{"one space too many", "a:\n  b: 1\n  c: [1,\n    2]\n   d: 2\n  e: 3\n",
		"f:5: is no valid YAML: did not find expected key (indent the line like those that it belongs to, or quote its value)"},
	{"indented separator", "a:\n  b: 1\n  ---\nc: 1\n",
		"f:3: is no valid YAML: could not find expected ':' (indent the line like those that it belongs to, or quote its value)"},
	{"open bracket below a closed one", "a: [1,\n  2]\nb: [1\nc: 2\n", "f:3: is no valid YAML: did not find expected ',' or ']'"},
	{"open quote", "a: 1\nb: \"x\nc: 2\n", "f:2: is no valid YAML: found unexpected end of stream"},
	{"unknown alias", "a: *b\n", "f:1: is no valid YAML: unknown anchor 'b' referenced"},
	{"list", "- a\n", "f:1: is no object (write apiVersion, kind, metadata and spec)"},
	{"text", "hello\n", "f:1: is no object (write apiVersion, kind, metadata and spec)"},
	{"key twice", gdpHead + "spec:\n  ttl: 5\n  ttl: 6\n", "f:6: spec.ttl: is given twice (remove one; the other is in line 5)"},
	{"YAML 1.1 key", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  on: a\n  'off': b\n", "f:5: data.on: is read as the key true (put it in quotes)"},
	{"item key twice", gdpHead + "spec:\n  trafficSplit:\n  - weight: 5\n    weight: 6\n",
		"f:7: spec.trafficSplit[0].weight: is given twice (remove one; the other is in line 6)"},

	// Kinds.
	{"no kind", "metadata: {name: x}\n", "f:1: apiVersion: is missing (add it)\nf:1: kind: is missing (add it)"},
	{"kind of a wrong type", "apiVersion: v1\nkind: 5\n", "f:2: kind: must be a string, not 5"},
	{"empty kind", "apiVersion: v1\nkind: ''\n", "f:2: kind: is empty"},
	{"version with too many parts", "apiVersion: a/b/c\nkind: X\n", "f:1: apiVersion: is not of the form group/version"},
	{"other group", "apiVersion: avilb.k8s.io/v1alpha1\nkind: GSLBConfig\nmetadata: {name: gc-1}\n",
		"f:2: kind: avilb.k8s.io/v1alpha1 GSLBConfig is no known kind (use amko.vmware.com/v1alpha1 GSLBConfig)"},
	{"older version", "apiVersion: amko.vmware.com/v1alpha1\nkind: GlobalDeploymentPolicy\n",
		"f:2: kind: amko.vmware.com/v1alpha1 GlobalDeploymentPolicy is no known kind (use amko.vmware.com/v1alpha2 GlobalDeploymentPolicy)"},
	{"misspelt kind", "apiVersion: amko.vmware.com/v1alpha1\nkind: GSLBHostRul\n",
		"f:2: kind: amko.vmware.com/v1alpha1 GSLBHostRul is no known kind (did you mean amko.vmware.com/v1alpha1 GSLBHostRule?)"},
	{"misspelt built-in kind", "apiVersion: v1\nkind: Servise\n", "f:2: kind: v1 Servise is no known kind (did you mean v1 Service?)"},
	{"short name", "apiVersion: example.com/v1\nkind: Ingres\n",
		"f:2: kind: example.com/v1 Ingres is no known kind (did you mean networking.k8s.io/v1 Ingress?)"},
	{"removed version", "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: web}\n",
		"f:1: apiVersion: Kubernetes no longer serves networking.k8s.io/v1beta1 Ingress (use networking.k8s.io/v1 Ingress)"},
	{"helper kind", "apiVersion: v1\nkind: ListOptions\nmetadata: {name: x}\n",
		"f:2: kind: v1 ListOptions is no known kind (" + known + ")"},

	// Metadata.
	{"no metadata", "apiVersion: v1\nkind: Namespace\n", "f:1: metadata: is missing (add metadata with a name)"},
	{"no name", "apiVersion: v1\nkind: Namespace\nmetadata: {}\n", "f:3: metadata.name: is missing (name or generateName is required)"},
	{"misspelt labels", gdpHead[:len(gdpHead)-2] + ", lables: {a: b}}\nspec: {}\n", "f:3: metadata.lables: unknown field (did you mean labels?)"},
	{"label is a number", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels:\n    gslb: true\n",
		"f:6: metadata.labels.gslb: must be a string, not true (put it in quotes)"},
	{"label is no label", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels:\n    gslb: 'a b'\n",
		"f:5: metadata.labels: \"a b\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345')"},
	{"name of a custom resource", "apiVersion: amko.vmware.com/v1alpha2\nkind: GlobalDeploymentPolicy\nmetadata:\n  name: Global_GDP\nspec: {}\n",
		"f:4: metadata.name: \"Global_GDP\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')"},
	{"name of a namespace", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a.b\n",
		"f:4: metadata.name: \"a.b\": must not contain dots"},
	{"namespace of a namespace", "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  namespace: avi-system\n",
		"f:5: metadata.namespace: \"avi-system\": not allowed on this type"},
	{"object twice", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n",
		"f:8: metadata.name: Namespace x is given twice (remove one; the other starts in line 1)"},

	// Custom resources.
	{"unknown field", gdpHead + "spec:\n  frobnicate: 1\n",
		"f:5: spec.frobnicate: unknown field (known are controlPlaneHmOnly, defaultDomain, downResponse, healthMonitorRefs, healthMonitorTemplate, matchClusters, matchRules, pkiProfileRef, poolAlgorithmSettings, sitePersistenceRef, trafficSplit, ttl)"},
	{"unknown field with dots", gdpHead + "spec:\n  a.b.c: 1\n",
		"f:5: spec.a.b.c: unknown field (known are controlPlaneHmOnly, defaultDomain, downResponse, healthMonitorRefs, healthMonitorTemplate, matchClusters, matchRules, pkiProfileRef, poolAlgorithmSettings, sitePersistenceRef, trafficSplit, ttl)"},
	{"misspelt field in an item", gdpHead + "spec:\n  matchClusters:\n  - syncVIPOnly: true\n", "f:6: spec.matchClusters[0].syncVIPOnly: unknown field (did you mean syncVipOnly?)"},
	{"misspelt field", gdpHead + "spec:\n  trafficsplit: []\n", "f:5: spec.trafficsplit: unknown field (did you mean trafficSplit?)"},
	{"plural", gdpHead + "spec:\n  matchRules:\n    appSelector:\n      labels: {app: gslb}\n",
		"f:7: spec.matchRules.appSelector.labels: unknown field (did you mean label?)"},
	{"field in a wrong place", "apiVersion: amko.vmware.com/v1alpha1\nkind: GSLBConfig\nmetadata: {name: gc-1}\nspec:\n  controllerIP: 192.0.2.1\n",
		"f:5: spec.controllerIP: unknown field (it belongs in spec.gslbLeader)"},
	{"field outside of spec", gdpHead + "ttl: 5\nspec: {}\n", "f:4: ttl: unknown field (it belongs in spec)"},
	{"no spec", gdpHead, "f:1: spec: is missing (add it)"},
	{"too large", gdpHead + "spec:\n  ttl: 86401\n", "f:5: spec.ttl: 86401 is out of range (use 0 to 86400)"},
	{"negative", gdpHead + "spec:\n  ttl: -1\n", "f:5: spec.ttl: -1 is out of range (use 0 to 86400)"},
	{"weight and priority", gdpHead + "spec:\n  trafficSplit:\n  - cluster: a\n    weight: 0\n    priority: 101\n",
		"f:7: spec.trafficSplit[0].weight: 0 is out of range (use 1 to 20)\nf:8: spec.trafficSplit[0].priority: 101 is out of range (use 0 to 100)"},
	{"host rule priority", ghrHead + "spec:\n  fqdn: a.b\n  trafficSplit:\n  - priority: -1\n",
		"f:7: spec.trafficSplit[0].priority: -1 is out of range (use 0 or more)"},
	{"mask", gdpHead + "spec:\n  poolAlgorithmSettings:\n    lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH\n    hashMask: 32\n",
		"f:7: spec.poolAlgorithmSettings.hashMask: 32 is out of range (use 1 to 31)"},
	{"fraction", gdpHead + "spec:\n  ttl: 1.5\n", "f:5: spec.ttl: must be an integer, not 1.5"},
	{"quoted number", gdpHead + "spec:\n  ttl: '30'\n", "f:5: spec.ttl: must be an integer, not \"30\" (remove the quotes)"},
	{"quoted boolean", gdpHead + "spec:\n  controlPlaneHmOnly: 'true'\n", "f:5: spec.controlPlaneHmOnly: must be true or false, not \"true\" (remove the quotes)"},
	{"YAML 1.1 boolean", gdpHead + "spec:\n  matchRules:\n    appSelector:\n      label:\n        gslb: on\n",
		"f:8: spec.matchRules.appSelector.label.gslb: must be a string, not true (put it in quotes)"},
	{"number for text", gdpHead + "spec:\n  sitePersistenceRef: 5\n", "f:5: spec.sitePersistenceRef: must be a string, not 5 (put it in quotes)"},
	{"object for list", gdpHead + "spec:\n  matchClusters:\n    cluster: a\n", "f:5: spec.matchClusters: must be a list, not an object (start each entry with a dash)"},
	{"list for object", gdpHead + "spec:\n  matchRules:\n  - appSelector: {}\n", "f:5: spec.matchRules: must be an object, not a list (remove the dash)"},
	{"text for object", gdpHead + "spec: none\n", "f:4: spec: must be an object, not \"none\""},
	{"names for objects", gdpHead + "spec:\n  matchClusters: [a, b]\n",
		"f:5: spec.matchClusters[0]: must be an object, not \"a\"\nf:5: spec.matchClusters[1]: must be an object, not \"b\""},
	{"null item", gdpHead + "spec:\n  healthMonitorRefs:\n  -\n", "f:6: spec.healthMonitorRefs[0]: must be a string, not null"},
	{"misspelt value", gdpHead + "spec:\n  downResponse:\n    type: GSLB_SERVICE_DOWN_RESPONSE_NON\n",
		"f:6: spec.downResponse.type: \"GSLB_SERVICE_DOWN_RESPONSE_NON\" is not allowed (did you mean GSLB_SERVICE_DOWN_RESPONSE_NONE?)"},
	{"other value", "apiVersion: amko.vmware.com/v1alpha1\nkind: GSLBConfig\nmetadata: {name: gc-1}\nspec:\n  logLevel: TRACE\n",
		"f:5: spec.logLevel: \"TRACE\" is not allowed (use DEBUG, INFO, WARN, ERROR)"},
	{"missing in an object", gdpHead + "spec:\n  downResponse:\n    fallbackIP: 192.0.2.1\n", "f:5: spec.downResponse.type: is missing (add it)"},
	{"missing in an item", ghrHead + "spec:\n  fqdn: a.b\n  publicIP:\n  - cluster: a\n", "f:7: spec.publicIP[0].ip: is missing (add it)"},
	{"misspelt where all is kept", hostRuleHead + "spec:\n  virtualhost:\n    fqdn: a.b\n    glsb: {fqdn: c.d}\n",
		"f:7: spec.virtualhost.glsb: unknown field (did you mean gslb?)"},
	{"unknown below what is kept", hostRuleHead + "spec:\n  virtualhost:\n    fqdn: a.b\n    gslb: {fqdn: c.d, includealiases: true}\n",
		"f:7: spec.virtualhost.gslb.includealiases: unknown field (did you mean includeAliases?)"},
	{"certificate", hostRuleHead + "spec:\n  virtualhost:\n    fqdn: a.b\n    tls:\n      sslKeyCertificate:\n        name: c\n        type: Secret\n",
		"f:10: spec.virtualhost.tls.sslKeyCertificate.type: \"Secret\" is not allowed (did you mean secret?)"},

	// What the operator refuses.
	{"two ways of monitoring", gdpHead + "spec:\n  healthMonitorRefs: [a]\n  healthMonitorTemplate: b\n",
		"f:6: spec.healthMonitorTemplate: the operator refuses it: health monitor reference and template cannot be specified together"},
	{"no mask", gdpHead + "spec:\n  poolAlgorithmSettings:\n    lbAlgorithm: GSLB_ALGORITHM_CONSISTENT_HASH\n",
		"f:5: spec.poolAlgorithmSettings.hashMask: the operator refuses it: invalid pool algorithm: hashMask is required for ConsistentHash"},
	{"no address", ghrHead + "spec:\n  fqdn: a.b\n  downResponse:\n    type: GSLB_SERVICE_DOWN_RESPONSE_FALLBACK_IP\n    fallbackIP: host\n",
		"f:8: spec.downResponse.fallbackIP: the operator refuses it: Fallback IP host is not valid"},
	{"no FQDN", ghrHead + "spec:\n  ttl: 5\n", "f:4: spec.fqdn: the operator refuses it: GSFqdn missing for ghr GSLBHostRule"},
	{"host rule priority the controller refuses", ghrHead + "spec:\n  fqdn: a.b\n  trafficSplit: [{priority: 101}]\n",
		"f:6: spec.trafficSplit[0].priority: the operator refuses it: priority 101 must be between 0 and 100 for ghr GSLBHostRule"},
	{"leader without context", "apiVersion: amko.vmware.com/v1alpha1\nkind: AMKOCluster\nmetadata: {name: c}\nspec:\n  isLeader: true\n  version: '1'\n",
		"f:4: spec.clusterContext: the operator refuses it: clusterContext field can't be empty in AMKOCluster object"},

	// Built-in kinds.
	{"misspelt Ingress field", ingressHead + "spec:\n  ingressClass: avi\n  rules: [{host: a.b}]\n", "f:5: spec.ingressClass: unknown field (did you mean ingressClassName?)"},
	{"backend of old", ingressHead + "spec:\n  rules:\n  - http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          serviceName: web\n",
		"f:11: spec.rules[0].http.paths[0].backend.serviceName: unknown field (known are resource, service)"},
	{"no rules", ingressHead + "spec: {}\n", "f:4: spec: is missing (add rules or a defaultBackend)"},
	{"no path type", ingressHead + "spec:\n  rules:\n  - http:\n      paths:\n      - path: /\n        backend: {service: {name: web, port: {number: 80}}}\n",
		"f:8: spec.rules[0].http.paths[0].pathType: is missing (add Exact, Prefix or ImplementationSpecific)"},
	{"path type", ingressHead + "spec:\n  rules:\n  - http:\n      paths:\n      - path: /\n        pathType: prefix\n        backend: {service: {name: web, port: {number: 80}}}\n",
		"f:9: spec.rules[0].http.paths[0].pathType: \"prefix\" is not allowed (did you mean Prefix?)"},
	{"relative path", ingressHead + "spec:\n  rules:\n  - http:\n      paths:\n      - path: apple\n        pathType: Exact\n        backend: {service: {name: web, port: {number: 80}}}\n",
		"f:8: spec.rules[0].http.paths[0].path: \"apple\": must start with /"},
	{"port", ingressHead + "spec:\n  defaultBackend:\n    service:\n      name: web\n      port:\n        number: 65536\n",
		"f:9: spec.defaultBackend.service.port.number: 65536: must be between 1 and 65535"},
	{"no port", ingressHead + "spec:\n  defaultBackend:\n    service:\n      name: web\n", "f:6: spec.defaultBackend.service.port: is missing (add number or name)"},
	{"port is a text", ingressHead + "spec:\n  defaultBackend:\n    service:\n      name: web\n      port: {number: '80'}\n",
		"f:8: spec.defaultBackend.service.port.number: must be an integer, not \"80\" (remove the quotes)"},
	{"port does not fit", ingressHead + "spec:\n  defaultBackend:\n    service:\n      name: web\n      port: {number: 5000000000}\n",
		"f:8: spec.defaultBackend.service.port.number: 5000000000 is out of range (it must fit into 32 bits)"},
	{"host", ingressHead + "spec:\n  rules:\n  - host: Web.example.com\n",
		"f:6: spec.rules[0].host: \"Web.example.com\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')"},
	{"host with port", ingressHead + "spec:\n  tls:\n  - hosts:\n    - a.b:443\n  rules: [{host: a.b}]\n",
		"f:7: spec.tls[0].hosts[0]: \"a.b:443\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com')"},
	{"Service type", serviceHead + "spec:\n  type: Loadbalancer\n  ports: [{port: 80}]\n", "f:5: spec.type: \"Loadbalancer\" is not allowed (did you mean LoadBalancer?)"},
	{"Service protocol", serviceHead + "spec:\n  ports:\n  - port: 80\n    protocol: HTTP\n", "f:7: spec.ports[0].protocol: \"HTTP\" is not allowed (use SCTP, TCP, UDP)"},
	{"Service port", serviceHead + "spec:\n  ports:\n  - port: 0\n", "f:6: spec.ports[0].port: 0: must be between 1 and 65535"},
	{"Service without ports", serviceHead + "spec:\n  type: LoadBalancer\n", "f:4: spec.ports: is missing (add it)"},
	{"Service with unnamed ports", serviceHead + "spec:\n  ports:\n  - {name: a, port: 80}\n  - port: 81\n",
		"f:7: spec.ports[1].name: is missing (ports of a service with several need names)"},
	{"Service with equal names", serviceHead + "spec:\n  ports:\n  - {name: a, port: 80}\n  - {name: a, port: 81}\n",
		"f:7: spec.ports[1].name: \"a\": is the name of port 0 too"},
	{"target port", serviceHead + "spec:\n  ports:\n  - {port: 80, targetPort: [8080]}\n", "f:6: spec.ports[0].targetPort: a list is no IntOrString"},
	{"plain text in data", "apiVersion: v1\nkind: Secret\nmetadata: {name: gslb-config-secret}\ndata:\n  gslb-members: |\n    apiVersion: v1\n",
		"f:5: data.gslb-members: is no base64 (encode it, or use stringData in a Secret)"},
	{"number in a ConfigMap", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  count: 5\n", "f:5: data.count: must be a string, not 5 (put it in quotes)"},

	// Lists.
	{"item of a list", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: a.b\n",
		"f:7: metadata.name: \"a.b\": must not contain dots"},
	{"items twice", "apiVersion: v1\nkind: List\nitems: []\nitems: [{}]\n", "f:4: items: is given twice (remove one; the other is in line 3)"},
	{"item with a key twice", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  kind: Namespace\n  metadata: {name: x}\n",
		"f:6: kind: is given twice (remove one; the other is in line 5)"},
	{"items are none", "apiVersion: v1\nkind: List\nitems: 5\n", "f:3: items: is no list (write the objects as entries of items)"},
}

const known = "known are ako.vmware.com/v1alpha1 HostRule, ako.vmware.com/v1alpha1 MultiClusterIngress, ako.vmware.com/v1alpha1 ServiceImport, ako.vmware.com/v1beta1 HostRule, " +
	"amko.vmware.com/v1alpha1 AMKOCluster, amko.vmware.com/v1alpha1 GSLBConfig, amko.vmware.com/v1alpha1 GSLBHostRule, amko.vmware.com/v1alpha2 GlobalDeploymentPolicy, " +
	"v1 Namespace, v1 Service, v1 Secret, v1 ConfigMap, networking.k8s.io/v1 Ingress, and the other kinds of Kubernetes itself"

func TestFaultyManifests(t *testing.T) {
	for _, test := range faulty {
		t.Run(test.name, func(t *testing.T) {
			g := NewWithT(t)
			_, err := manifest.Load("f", []byte(test.src), manifest.Options{})
			g.Expect(err).To(HaveOccurred(), test.src)
			g.Expect(err.Error()).To(Equal(test.want), test.src)
		})
	}
}

func TestErrorsCanBeTakenApart(t *testing.T) {
	g := NewWithT(t)
	_, err := manifest.Load("gdp.yaml", []byte(gdpHead+"spec:\n  ttl: 5\n  tll: 6\n"), manifest.Options{})
	var first *manifest.Error
	g.Expect(errors.As(err, &first)).To(BeTrue())
	g.Expect(*first).To(Equal(manifest.Error{
		File: "gdp.yaml", Line: 6, Column: 3, Field: "spec.tll", Class: manifest.UnknownField, Problem: "unknown field", Remedy: "did you mean ttl?",
	}))
}

func TestDocumentsWithoutFaultAreReturned(t *testing.T) {
	g := NewWithT(t)
	src := gdpHead + "spec: {}\n---\n# nothing\n---\n" + serviceHead + "spec: {type: X}\n---\n" + ingressHead + "spec: {rules: [{host: a.b}]}\n"
	documents, err := manifest.Load("f", []byte(src), manifest.Options{})
	g.Expect(err).To(MatchError(ContainSubstring("spec.type")))
	g.Expect(documents).To(HaveLen(2))
	g.Expect(documents[0].GroupVersionKind().Kind).To(Equal("GlobalDeploymentPolicy"))
	g.Expect(documents[1].GroupVersionKind().Kind).To(Equal("Ingress"))
}

// The object is as written, the typed one as it would be stored.
func TestDefaultsAreInTypedObjectsOnly(t *testing.T) {
	g := NewWithT(t)
	src := ghrHead + "spec: {fqdn: a.b, trafficSplit: [{cluster: c, weight: 5}]}\n"
	documents, err := manifest.Load("f", []byte(src), manifest.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(documents[0].Object.Object["spec"]).To(HaveKeyWithValue("trafficSplit", ConsistOf(map[string]any{"cluster": "c", "weight": int64(5)})))
	rule := documents[0].Typed.(*v1alpha1.GSLBHostRule)
	g.Expect(*rule.Spec.TrafficSplit[0].Weight).To(Equal(int64(5)))
	g.Expect(*rule.Spec.TrafficSplit[0].Priority).To(Equal(int64(1)))
}

func TestNamespaceIsFilledIn(t *testing.T) {
	g := NewWithT(t)
	src := serviceHead + "spec: {ports: [{port: 80}]}\n---\n" + gdpHead + "spec: {}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"
	documents, err := manifest.Load("f", []byte(src), manifest.Options{Namespace: "shop"})
	g.Expect(err).NotTo(HaveOccurred())
	var namespaces []string
	for _, d := range documents {
		namespaces = append(namespaces, d.Namespace())
	}
	g.Expect(namespaces).To(Equal([]string{"shop", "avi-system", ""}))

	documents, err = manifest.Load("f", []byte(serviceHead+"spec: {ports: [{port: 80}]}\n"), manifest.Options{})
	g.Expect(err).NotTo(HaveOccurred())
	g.Expect(documents[0].Namespace()).To(Equal("default"))
	g.Expect(documents[0].Typed.(interface{ GetNamespace() string }).GetNamespace()).To(Equal("default"))
}

func TestOptions(t *testing.T) {
	t.Run("unknown kinds", func(t *testing.T) {
		g := NewWithT(t)
		documents, err := manifest.Load("f", []byte("apiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\n"), manifest.Options{AllowUnknownKinds: true})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(documents[0].Name()).To(Equal("x"))
		g.Expect(documents[0].Typed).To(BeNil())
	})
	refused := gdpHead + "spec: {healthMonitorRefs: [a], healthMonitorTemplate: b}\n"
	t.Run("refused objects", func(t *testing.T) {
		g := NewWithT(t)
		documents, err := manifest.Load("f", []byte(refused), manifest.Options{AllowRefused: true})
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(documents[0].Typed).To(BeAssignableToTypeOf(&v1alpha2.GlobalDeploymentPolicy{}))
	})
	t.Run("strict definitions", func(t *testing.T) {
		_, err := manifest.Load("f", []byte(refused), manifest.Options{CRDs: crds.Strict(), AllowRefused: true})
		NewWithT(t).Expect(err).To(MatchError("f:4: spec: health monitor reference and template cannot be specified together"))
	})
	t.Run("no definitions", func(t *testing.T) {
		g := NewWithT(t)
		_, err := manifest.Load("f", []byte(gdpHead+"spec: {}\n"), manifest.Options{CRDs: crds.All()[:1]})
		g.Expect(err).To(MatchError(ContainSubstring("amko.vmware.com/v1alpha2 GlobalDeploymentPolicy is no known kind")))
	})
	t.Run("broken definitions", func(t *testing.T) {
		list := crds.All()[:1]
		list[0].Spec.Versions[0].Schema = nil
		_, err := manifest.Load("f", []byte("a: b\n"), manifest.Options{CRDs: list})
		NewWithT(t).Expect(err).To(MatchError(ContainSubstring("no schema")))
	})
}

func TestLimits(t *testing.T) {
	service := serviceHead + "spec: {ports: [{port: 80}]}\n---\n"
	t.Run("bytes", func(t *testing.T) {
		_, err := manifest.Load("f", []byte("abcdef"), manifest.Options{BytesMax: 5})
		NewWithT(t).Expect(err).To(MatchError("f: is 6 bytes, more than the limit of 5 (split it into several files)"))
	})
	t.Run("documents", func(t *testing.T) {
		_, err := manifest.Load("f", []byte(strings.Repeat(service, 3)), manifest.Options{DocumentsMax: 3})
		NewWithT(t).Expect(err).To(MatchError("f: has 4 documents, more than the limit of 3 (split it into several files)"))
	})
	t.Run("items", func(t *testing.T) {
		_, err := manifest.Load("f", []byte("kind: List\nitems: [{}, {}, {}]\n"), manifest.Options{DocumentsMax: 2})
		NewWithT(t).Expect(err).To(MatchError("f:2: items: makes it 3 objects, more than the limit of 2 (split it into several files)"))
	})
	t.Run("errors", func(t *testing.T) {
		g := NewWithT(t)
		_, err := manifest.Load("f", []byte(gdpHead+"spec: {matchClusters: [1, 2, 3, 4, 5]}\n"), manifest.Options{ErrorsMax: 3})
		lines := strings.Split(err.Error(), "\n")
		g.Expect(lines).To(HaveLen(4))
		g.Expect(lines[3]).To(Equal("f: has more than 3 problems (correct these first)"))
	})
	t.Run("values", func(t *testing.T) {
		_, err := manifest.Load("f", []byte(gdpHead+"spec: {healthMonitorRefs: ["+strings.Repeat("a, ", 20_000)+"]}\n"), manifest.Options{})
		NewWithT(t).Expect(err).To(MatchError("f:1: has 20008 values, more than the limit of 20000"))
	})
	t.Run("aliases", func(t *testing.T) {
		g := NewWithT(t)
		src := "a: &a [x, x, x, x, x, x, x, x, x]\n"
		for i := range 8 {
			src += fmt.Sprintf("%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c, *%c]\n", 'b'+i, 'b'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i, 'a'+i)
		}
		_, err := manifest.Load("f", []byte(src), manifest.Options{})
		g.Expect(err).To(MatchError(ContainSubstring("excessive aliasing")))
	})
}

func BenchmarkLoad(b *testing.B) {
	policy := gdpHead + "spec: {matchClusters: [{cluster: a}], trafficSplit: [{cluster: a, weight: 5}], ttl: 30}\n"
	var ingresses strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&ingresses, "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web-%d}\nspec: {rules: [{host: web-%d.example.com}]}\n", i, i)
	}
	for name, src := range map[string]string{"policy": policy, "1000 ingresses": ingresses.String()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := manifest.Load("f", []byte(src), manifest.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
