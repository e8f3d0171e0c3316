package wire_test

import (
	"fmt"

	"github.com/gslbsim/gslbsim/fakeavi/wire"
)

func ExampleSwitch_Call() {
	s := wire.NewSwitch(wire.Config{})
	s.Attach(a, echo{})
	s.Attach(b, echo{})
	reply, err := s.Call(a, b, "hello")
	fmt.Println(reply, err)
	s.Cut(a, b)
	_, err = s.Call(a, b, "hello")
	fmt.Println(err)
	// Output:
	// hello <nil>
	// 10.0.0.2: host cannot be reached
}
