package control

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	amkov1alpha1 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha1"
	amkov1alpha2 "github.com/gslbsim/gslbsim/operator/api/amko/v1alpha2"
	"github.com/gslbsim/gslbsim/operator/policy"
)

// Types of conditions. AMKO's own strings stand beside them.
const (
	// conditionAccepted, of policies: the policy is valid and counts.
	conditionAccepted = "Accepted"
	// conditionProgrammed: the controller holds what is wanted; if not, the message has the controller's words.
	conditionProgrammed = "Programmed"
	// conditionConnected, of a GSLBConfig: the operator speaks to the leader.
	conditionConnected = "ControllerConnected"
	// conditionMembers, of a GSLBConfig: all member clusters answer.
	conditionMembers = "MemberClustersConnected"
)

// problemLimit bounds how many FQDNs the message of a condition names.
const problemLimit = 5

// publish writes the statuses of the operator's own objects, if anything has changed that they tell of. What the controller
// holds is only judged when nothing is being worked on.
func (o *operator) publish(now time.Time) {
	resting := o.ready() && !o.everything && !o.asking && o.queue.Resting(now)
	if resting != o.settled {
		o.settled, o.unpublished = resting, true
		if resting && o.Observe.Settled != nil {
			services, _ := o.inventory.Count()
			o.Observe.Settled(Settled{Services: services, Problems: o.problemTexts()})
		}
	}
	if !o.unpublished {
		return
	}
	o.unpublished = false
	o.measure()
	o.publishClusters()
	if !o.settings.leads {
		return // the statuses are the leader's to write
	}
	for _, config := range o.settings.others {
		o.publishConfig(config, stateSecond)
	}
	if o.settings.config != nil {
		o.publishConfig(o.settings.config, o.state())
		o.annotate(o.settings.config)
	}
	o.publishGlobal()
	for _, rule := range o.rules {
		o.publishRule(rule)
	}
}

// state is the state of the GSLBConfig that counts.
func (o *operator) state() string {
	switch {
	case o.settings.problem != "":
		return o.settings.problem
	case o.sessionErr != nil:
		return problemState(o.sessionErr)
	case o.session == nil && o.settings.config.Status.State != stateAccepted:
		return stateSyncing
	}
	return stateAccepted
}

func (o *operator) publishConfig(old *amkov1alpha1.GSLBConfig, state string) {
	config := old.DeepCopy()
	config.Status.State = state
	set := func(kind string, c *metav1.Condition) {
		setCondition(&config.Status.Conditions, kind, old.Generation, c)
	}
	if state == stateSecond {
		set(conditionAccepted, refused("SecondGSLBConfig", state))
		config.Status.Conditions = slices.DeleteFunc(config.Status.Conditions, func(c metav1.Condition) bool { return c.Type != conditionAccepted })
	} else {
		set(conditionAccepted, verdict(errorIf(o.settings.problem)))
		set(conditionConnected, o.connected())
		set(conditionMembers, o.membersConnected())
		set(conditionProgrammed, o.programmed(o.problemFQDNs()))
	}
	if state == old.Status.State && sameConditions(config.Status.Conditions, old.Status.Conditions) {
		return
	}
	if o.writer.status(old, config) {
		o.tellChanges(old, old.Status.Conditions, config.Status.Conditions, conditionProgrammed, false)
	}
}

// annotate notes the identity and the addresses of the sites on the GSLBConfig.
func (o *operator) annotate(old *amkov1alpha1.GSLBConfig) {
	config := old.DeepCopy()
	if config.Annotations == nil {
		config.Annotations = map[string]string{}
	}
	if o.settings.uuid != "" {
		config.Annotations[uuidAnnotation] = o.settings.uuid
	}
	if sites := siteAddresses(o.view); len(sites) > 0 && !o.PinController {
		config.Annotations[sitesAnnotation] = strings.Join(sites, ",")
	}
	if config.Annotations[uuidAnnotation] != old.Annotations[uuidAnnotation] ||
		config.Annotations[sitesAnnotation] != old.Annotations[sitesAnnotation] {
		o.writer.metadata(old, config)
	}
}

func (o *operator) publishGlobal() {
	for _, other := range o.gdpOthers {
		o.publishPolicy(other, policy.ErrSecondPolicy, nil)
	}
	if o.gdp != nil && o.gdpJudged {
		programmed := o.programmed(o.problemFQDNs())
		if o.gdpVerdict != nil {
			programmed = refused("PolicyRefused", "the services are left as they are")
		}
		o.publishPolicy(o.gdp, o.gdpVerdict, programmed)
	}
}

func (o *operator) publishPolicy(old *amkov1alpha2.GlobalDeploymentPolicy, err error, programmed *metav1.Condition) {
	gdp := old.DeepCopy()
	gdp.Status.ErrorStatus = policy.StatusSuccess
	if err != nil {
		gdp.Status.ErrorStatus = err.Error()
	}
	setCondition(&gdp.Status.Conditions, conditionAccepted, old.Generation, verdict(err))
	setCondition(&gdp.Status.Conditions, conditionProgrammed, old.Generation, programmed)
	if errors.Is(err, policy.ErrSecondPolicy) {
		meta.RemoveStatusCondition(&gdp.Status.Conditions, conditionProgrammed)
	}
	if gdp.Status.ErrorStatus == old.Status.ErrorStatus && sameConditions(gdp.Status.Conditions, old.Status.Conditions) {
		return
	}
	if o.writer.status(old, gdp) {
		o.tellChanges(old, old.Status.Conditions, gdp.Status.Conditions, "", false)
	}
}

func (o *operator) publishRule(old *amkov1alpha1.GSLBHostRule) {
	key := client.ObjectKeyFromObject(old)
	if o.judged[key.String()].state != stateOf(old) {
		return // the verdict is on a former state
	}
	err := o.book.Verdict(key)
	rule := old.DeepCopy()
	rule.Status.Status, rule.Status.Error = amkov1alpha1.HostRuleAccepted, ""
	if err != nil {
		rule.Status.Status, rule.Status.Error = amkov1alpha1.HostRuleRejected, err.Error()
	}
	setCondition(&rule.Status.Conditions, conditionAccepted, old.Generation, verdict(err))
	if err != nil {
		meta.RemoveStatusCondition(&rule.Status.Conditions, conditionProgrammed)
	} else {
		var of []string
		if o.problems[rule.Spec.FQDN] != nil {
			of = []string{rule.Spec.FQDN}
		}
		setCondition(&rule.Status.Conditions, conditionProgrammed, old.Generation, o.programmed(of))
	}
	if rule.Status.Status == old.Status.Status && rule.Status.Error == old.Status.Error &&
		sameConditions(rule.Status.Conditions, old.Status.Conditions) {
		return
	}
	if o.writer.status(old, rule) {
		o.tellChanges(old, old.Status.Conditions, rule.Status.Conditions, "", true)
	}
}

// connected says whether the operator speaks to the leader.
func (o *operator) connected() *metav1.Condition {
	switch {
	case o.settings.problem != "":
		return refused("ConfigInvalid", o.settings.problem)
	case o.rivalry() != "":
		return refused("TwoLeaders", o.rivalry())
	case o.sessionErr != nil:
		return refused(reasonOf(o.sessionErr), o.sessionErr.Error())
	case o.session == nil:
		return nil
	}
	message := "speaking to " + o.session.Address()
	if site, ok := o.view.LeaderSite(); ok {
		message += ", site " + site.Name
	}
	return &metav1.Condition{Status: metav1.ConditionTrue, Reason: "Connected", Message: message}
}

// membersConnected says whether all member clusters answer.
func (o *operator) membersConnected() *metav1.Condition {
	var silent []string
	for _, name := range sorted(o.members) {
		w := o.members[name]
		switch {
		case w.given:
			silent = append(silent, fmt.Sprintf("%s (its members were given up): %v", name, w.silent))
		case w.silent != nil:
			silent = append(silent, fmt.Sprintf("%s (its members are kept): %v", name, w.silent))
		case !w.read:
			return nil
		}
	}
	if len(silent) > 0 {
		return refused("MemberClusterSilent", strings.Join(silent, "; "))
	}
	return &metav1.Condition{Status: metav1.ConditionTrue, Reason: "Connected", Message: fmt.Sprintf("%d member clusters answer", len(o.members))}
}

// programmed says whether the controller holds what is wanted for the FQDNs that have a problem, nil if that is not settled.
func (o *operator) programmed(problems []string) *metav1.Condition {
	if !o.settled {
		return nil
	}
	if len(problems) == 0 {
		return &metav1.Condition{Status: metav1.ConditionTrue, Reason: "Programmed", Message: "the controller holds what is wanted"}
	}
	texts := make([]string, 0, problemLimit+1)
	for _, fqdn := range problems[:min(len(problems), problemLimit)] {
		texts = append(texts, fqdn+": "+o.problems[fqdn].Error())
	}
	if more := len(problems) - problemLimit; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return refused(reasonOf(o.problems[problems[0]]), strings.Join(texts, "; "))
}

func refused(reason, message string) *metav1.Condition {
	return &metav1.Condition{Status: metav1.ConditionFalse, Reason: reason, Message: message}
}

func verdict(err error) *metav1.Condition {
	if err != nil {
		return refused("Invalid", err.Error())
	}
	return &metav1.Condition{Status: metav1.ConditionTrue, Reason: "Accepted", Message: "valid, and in force"}
}

func errorIf(text string) error {
	if text == "" {
		return nil
	}
	return errors.New(text)
}

// messageLimit is the API server's for the message of a condition.
const messageLimit = 32768

// setCondition sets a condition; nil leaves it as it is.
func setCondition(conditions *[]metav1.Condition, kind string, generation int64, c *metav1.Condition) {
	if c == nil {
		return
	}
	c.Type, c.ObservedGeneration = kind, generation
	c.Message = shortened(c.Message, messageLimit)
	meta.SetStatusCondition(conditions, *c)
}

// sameConditions compares conditions, their times left out.
func sameConditions(a, b []metav1.Condition) bool {
	return slices.EqualFunc(a, b, func(x, y metav1.Condition) bool {
		x.LastTransitionTime, y.LastTransitionTime = metav1.Time{}, metav1.Time{}
		return x == y
	})
}
