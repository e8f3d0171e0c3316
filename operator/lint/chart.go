package lint

import (
	"maps"
	"slices"
)

// tree is a part of the chart's values: its keys, and what is below them; nil is anything.
type tree map[string]tree

// chartKeys are the keys of AMKO's chart 2.2.1, of earlier ones, and of this operator's.
var chartKeys = tree{
	"configs": {
		"gslbLeaderController": nil, "controllerVersion": nil, "tenant": nil, "memberClusters": nil, "refreshInterval": nil,
		"logLevel": nil, "useCustomGlobalFqdn": nil, "amkoUUID": nil,
	},
	"federation": {
		"image": nil, "currentCluster": nil, "currentClusterIsLeader": nil, "memberClusters": nil,
	},
	"globalDeploymentPolicy": policyTree(),
	"gslbLeaderCredentials": {
		"username": nil, "password": nil, "existingSecret": nil,
	},
	"multiClusterIngress": {"enable": nil},
	"serviceDiscovery":    {"image": nil},

	"replicaCount": nil, "image": nil, "imagePullSecrets": nil, "serviceAccount": nil, "resources": nil, "service": nil, "rbac": nil,
	"persistentVolumeClaim": nil, "mountPath": nil, "logFile": nil, "federatorLogFile": nil, "podSecurityContext": nil,
	"securityContext": nil, "nodeSelector": nil, "affinity": nil, "tolerations": nil, "nameOverride": nil, "fullnameOverride": nil,
	"global": nil, "operator": nil, "podAnnotations": nil,
}

func policyTree() tree {
	t := tree{"appSelector": {"label": nil}, "namespaceSelector": {"label": nil}}
	for _, key := range policyKeys {
		t[key] = nil
	}
	return t
}

// commonNames are keys that any part of any chart may have, so that one in an unknown place says nothing.
var commonNames = []string{"image", "enable", "label", "username", "password", "service", "resources", "global"}

// places are where a key belongs, "the top" for the first level.
func places(key string) []string {
	if slices.Contains(commonNames, key) {
		return nil
	}
	var found []string
	if _, ok := chartKeys[key]; ok {
		found = append(found, "the top of the values")
	}
	for _, section := range slices.Sorted(maps.Keys(chartKeys)) {
		if _, ok := chartKeys[section][key]; ok {
			found = append(found, section)
		}
	}
	return found
}

// eachUnknownKey calls visit with every key of a document's values that the chart does not have there, and with the keys it has
// there. top says that it is at the first level, where values of other charts may stand too.
func eachUnknownKey(d *document, visit func(key string, at node, known []string, top bool)) {
	var walk func(n node, t tree, top bool)
	walk = func(n node, t tree, top bool) {
		known := slices.Sorted(maps.Keys(t))
		for key, child := range n.fields() {
			below, ok := t[key]
			switch {
			case !ok:
				visit(key, child, known, top)
			case below != nil:
				walk(child, below, false)
			}
		}
	}
	if d.form == formValues {
		walk(d.values(), chartKeys, true)
	}
}
