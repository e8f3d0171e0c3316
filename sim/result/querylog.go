package result

import (
	"time"

	"github.com/gslbsim/gslbsim/dns/querylog"
)

// QueryLog is what the DNS virtual services logged of their clients' queries.
type QueryLog struct {
	Entries []querylog.Entry // in the order of time
	Lost    int              // queries that were not logged because of throttles
	Zero    time.Time        // clock zero of the scenario
}
