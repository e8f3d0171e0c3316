package avitest_test

import (
	"fmt"
	"testing"

	"github.com/gslbsim/gslbsim/fakeavi/avitest"
)

// In a test, t is the test's own.
func Example() {
	test := func(t testing.TB) {
		avi := avitest.Start(t)
		monitors, err := avi.Client.HealthMonitor.GetAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range monitors {
			if m.IsFederated != nil && *m.IsFederated {
				fmt.Println(*m.Name)
			}
		}
	}
	run(test)
	// Output:
	// System-GSLB-HTTP
	// System-GSLB-HTTPS
	// System-GSLB-Ping
	// System-GSLB-TCP
	// System-GSLB-UDP
}

// run gives an example what a test has.
func run(test func(testing.TB)) {
	testing.Benchmark(func(b *testing.B) {
		if b.N == 1 {
			test(b)
		}
	})
}
