package lint

import (
	"fmt"
	"slices"
	"strings"
)

// Rule is a mistake that is looked for.
type Rule struct {
	// ID is the rule's name in findings, for Options.Disable and in the documentation.
	ID       string
	Severity Severity
	// Doc is one sentence: the mistake, and what comes of it.
	Doc string

	// general is whether the rule only says what others say better: its findings give way to others of the same field.
	general bool
	check   func(*search)
}

// rules are all rules, in the order of the documentation.
var rules = []*Rule{
	// What cannot be read.
	syntax, templateLeft, ambiguousKey, unrecognized, unknownKind, unknownField, schemaFault, refused, givenTwice,
	// The policy.
	noSelector, selectorLabels, labelValue, noClusters, nothingNamed, clusterShape, clusterTwice, unknownCluster, weightWithoutMembers,
	weightRange, priorityRange, ttlRange, ttlExtreme, hashMask, geoFallback, monitorRefsAndTemplate, monitorCount,
	downResponse, severalPolicies,
	// Host rules and hosts.
	badHostName, hostRuleTwice, hostRulePriority, hostRuleLocalName, mappingConflict, mappingIgnored, mappingMissing, outsideSubdomains,
	hostMissing, manyPaths,
	// The operator's own objects.
	severalConfigs, wrongNamespace, currentCluster, twoLeaders, versionMismatch, controllerAddress, controllerVersion,
	instanceID, membersSecretKey, kubeconfigBroken, kubeconfigExpires, unknownContext,
	// The chart.
	chartShape, misplacedKey, unknownKey, subchartKey, otherRegion, discoveryImage, passwordInValues,
}

// Rules returns all rules.
func Rules() []Rule {
	list := make([]Rule, len(rules))
	for i, r := range rules {
		list[i] = *r
	}
	return list
}

// search is one rule at work.
type search struct {
	*corpus
	rule  *Rule
	found []Finding
}

// report notes a finding at a field.
func (s *search) report(at node, problem, remedy string) {
	line, column := at.doc.Position(at.path)
	s.add(Finding{File: at.doc.File, Line: line, Column: column, Field: at.path, Problem: problem, Remedy: remedy})
}

func (s *search) add(f Finding) {
	f.Rule, f.Severity = s.rule.ID, s.rule.Severity
	f.Problem, f.Remedy = oneLine(f.Problem), oneLine(f.Remedy)
	s.found = append(s.found, f)
}

// textMax bounds a problem and a remedy; values in them can have any length.
const textMax = 300

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > textMax {
		text = string(runes[:textMax-3]) + "..."
	}
	return text
}

// checkNames refuses names that no rule has.
func checkNames(names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(rules, func(r *Rule) bool { return r.ID == name }) {
			return fmt.Errorf("no rule is named %q; `gslbsim lint --rules` lists them", name)
		}
	}
	return nil
}
