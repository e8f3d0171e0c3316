package apply_test

import (
	"testing"

	"github.com/gslbsim/gslbsim/operator/internal/avitest"
)

func TestMain(m *testing.M) { avitest.Main(m) }
