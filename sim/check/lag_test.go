package check_test

import (
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/gslbsim/gslbsim/sim/check"
	"github.com/gslbsim/gslbsim/sim/result"
)

// A change that comes while an earlier one is still being followed does not shorten the earlier one's bound.
func TestAnEarlierChangeKeepsItsBound(t *testing.T) {
	for flipped, want := range map[time.Duration]result.Verdict{34 * time.Second: result.Pass, 36 * time.Second: result.Broken} {
		r := newRun()
		r.Faults = []result.Fault{{Name: "dark", Site: region01, Dark: true}, {Name: "other", Site: region02}}
		r.Evidence.Changes = []result.Change{{Fault: "dark", At: 10 * time.Minute}, {Fault: "other", At: 10*time.Minute + 10*time.Second}, {Fault: "dark", Ends: true, At: 15 * time.Minute}}
		r.Phases[3] = result.Phase{Name: "other", From: ms(10*time.Minute + 10*time.Second), To: ms(15 * time.Minute)}
		r.answer(late(0, 0, flipped, 30*time.Second))
		for _, p := range []check.Promise{
			&check.Answers{Phase: "other", Share: map[string]int{region02: 100}},
			&check.Flips{When: "other", To: region02},
		} {
			for _, got := range judge(p, r) {
				NewWithT(t).Expect(got.Verdict).To(Equal(want), "%s: %+v", flipped, got)
			}
		}
	}
}

// A name that nobody served is live again once its members have had the time to be noticed, and resolvers that to ask again.
func TestANameIsLiveOnceItsReturnIsNoticed(t *testing.T) {
	back := 6 * time.Minute
	for silent, want := range map[time.Duration]result.Verdict{
		back + 44*time.Second: result.Pass, back + 47*time.Second: result.Broken, 2*time.Minute - 2*time.Second: result.Broken,
	} {
		r := newRun()
		r.bothOut()
		r.answer(func(at time.Duration, layer string) string {
			if at == silent {
				return ""
			}
			return healthy(at, layer)
		})
		got := judge(&check.AlwaysAnswered{}, r)[0]
		NewWithT(t).Expect(got.Verdict).To(Equal(want), "silent at %s: %+v", silent, got)
	}
}

// Engines that lost their controller go by what it told last until they notice.
func TestDeafEnginesBringAMemberBackLate(t *testing.T) {
	for flipped, want := range map[time.Duration]result.Verdict{49 * time.Second: result.Pass, 51 * time.Second: result.Broken} {
		r := newRun().answer(late(15*time.Second, flipped, 34*time.Second, 30*time.Second))
		r.Evidence.Silences = append(r.Evidence.Silences, result.Silence{Site: region02, From: 6*time.Minute - 10*time.Second, To: 8 * time.Minute})
		got := judge(&check.Flips{When: "vs", Ends: true, To: region01}, r)[0]
		NewWithT(t).Expect(got.Verdict).To(Equal(want), "%s: %+v", flipped, got)
	}
}

// Names of other services, and names of no service, prove nothing about a member that shares its address with them.
func TestAnswersForOtherNamesAreNotJudged(t *testing.T) {
	g := NewWithT(t)
	r := newRun().answer(healthy)
	r.Services[0].Aliases = []string{"app.example"}
	for i, a := range r.Evidence.Client {
		a.Name, a.Site, a.Addr = "other.gslb.example", region01, vip01
		if i%2 == 0 {
			a.Name, a.Site, a.Addr = "app.example", "", ""
		}
		r.Evidence.Authoritative[i] = a
	}
	g.Expect(judge(&check.NoDeadAnswers{}, r)[0].Verdict).To(Equal(result.Pass))
	g.Expect(judge(&check.AlwaysAnswered{}, r)[0].Observed).To(Equal("0 of 1200"))
	r.Evidence.Client = r.Evidence.Authoritative
	g.Expect(judge(&check.AlwaysAnswered{}, r)[0].Observed).To(Equal("600 of 600"), "an alias counts as its service")
}
