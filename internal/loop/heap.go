package loop

import "time"

// event is one callback and its place in the heap; index is -1 once it has left it.
type event struct {
	at    time.Time
	key   string
	seq   uint64
	index int
	fn    func()
}

// eventHeap orders events by (time, key, order of registration). It implements heap.Interface.
type eventHeap []*event

func (h eventHeap) Len() int { return len(h) }

func (h eventHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	if !a.at.Equal(b.at) {
		return a.at.Before(b.at)
	}
	if a.key != b.key {
		return a.key < b.key
	}
	return a.seq < b.seq
}

func (h eventHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *eventHeap) Push(x any) {
	ev := x.(*event)
	ev.index = len(*h)
	*h = append(*h, ev)
}

func (h *eventHeap) Pop() any {
	old := *h
	last := len(old) - 1
	ev := old[last]
	old[last] = nil
	*h = old[:last]
	ev.index = -1
	return ev
}
