package schedule

import (
	"encoding/binary"
	"hash/fnv"
	"time"
)

// Delay is how long to wait after failures in a row: First after the first, twice as long after each further one, never
// longer than Most. Up to a fifth is taken off, so that what failed together is not tried again together; how much depends
// on the FQDN and the attempt alone, so that a run can be repeated.
type Delay struct{ First, Most time.Duration }

// After returns the delay after a failure that so many others preceded.
func (d Delay) After(fqdn string, attempts int) time.Duration {
	wait := d.Most
	if attempts < 32 {
		if doubled := d.First << attempts; doubled > 0 && doubled < d.Most {
			wait = doubled
		}
	}
	h := fnv.New64a()
	_, _ = h.Write(binary.BigEndian.AppendUint64([]byte(fqdn), uint64(attempts))) // not negative
	return wait - time.Duration(h.Sum64()%1000)*wait/5000
}
