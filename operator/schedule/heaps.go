package schedule

import "time"

// names is a heap of FQDNs, the first by name on top.
type names []string

func (h names) Len() int           { return len(h) }
func (h names) Less(i, j int) bool { return h[i] < h[j] }
func (h names) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *names) Push(x any)        { *h = append(*h, x.(string)) } // a heap of these
func (h *names) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// timed is an FQDN and when it is due.
type timed struct {
	at   time.Time
	fqdn string
}

// times is a heap of these, the earliest on top.
type times []timed

func (h times) Len() int { return len(h) }
func (h times) Less(i, j int) bool {
	return h[i].at.Before(h[j].at) || h[i].at.Equal(h[j].at) && h[i].fqdn < h[j].fqdn
}
func (h times) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *times) Push(x any)   { *h = append(*h, x.(timed)) } // a heap of these
func (h *times) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
