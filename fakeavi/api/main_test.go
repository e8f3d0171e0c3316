package api_test

import (
	"testing"

	"github.com/gslbsim/gslbsim/fakeavi/avitest"
)

func TestMain(m *testing.M) { avitest.Main(m) }
