package server

import (
	"net/netip"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/gslbsim/gslbsim/dns"
)

const (
	// batchSize is how many queries one system call reads, and how many
	// replies one sends. More than this hardly makes a reply cheaper.
	batchSize = dns.MaxBatch
	// slotSize is room for a query, and one byte more to tell a longer one.
	// It is no power of two, so that the slots do not compete for one place
	// in a processor's cache.
	slotSize = MaxQuerySize + 64
	// controlSize holds one packet info message of either family.
	controlSize = 40
)

// message is the kernel's struct mmsghdr.
type message struct {
	header unix.Msghdr
	size   uint32
}

// batch holds the queries that one system call reads and the replies that
// another sends. Nothing is allocated after it is made.
type batch struct {
	raw     syscall.RawConn
	in, out [batchSize]message
	inVec   [batchSize]unix.Iovec
	outVec  [batchSize]unix.Iovec
	peers   [batchSize]unix.RawSockaddrInet6 // large enough for IPv4
	control [batchSize][controlSize]byte
	// One piece of memory a query: the kernel is quicker with it than with two.
	slots [batchSize][slotSize]byte
	views [batchSize][]byte
	// Replies stand one after the other.
	room    [batchSize * dns.MaxUDPSize]byte
	used    int
	replies int

	// The functions for raw and what they work on, kept so that no closure
	// is made per call.
	read, write func(fd uintptr) bool
	received    int
	sent        int
	errno       syscall.Errno
}

func newBatch(raw syscall.RawConn) *batch {
	b := &batch{raw: raw}
	for i := range batchSize {
		b.inVec[i] = unix.Iovec{Base: &b.slots[i][0]}
		b.inVec[i].SetLen(MaxQuerySize + 1)
		b.in[i].header.Iov = &b.inVec[i]
		b.in[i].header.SetIovlen(1)
		b.in[i].header.Name = (*byte)(unsafe.Pointer(&b.peers[i]))
		b.in[i].header.Control = &b.control[i][0]
		b.out[i].header.Iov = &b.outVec[i]
		b.out[i].header.SetIovlen(1)
		b.arm(i)
	}
	b.read = func(fd uintptr) bool {
		b.received, b.errno = transfer(unix.SYS_RECVMMSG, fd, b.in[:])
		return b.errno != unix.EAGAIN
	}
	b.write = func(fd uintptr) bool {
		b.sent, b.errno = transfer(unix.SYS_SENDMMSG, fd, b.out[b.sent:b.replies])
		return b.errno != unix.EAGAIN
	}
	return b
}

// arm makes a slot ready to receive again; the kernel overwrites the lengths.
func (b *batch) arm(i int) {
	b.in[i].header.Namelen = uint32(unsafe.Sizeof(b.peers[i]))
	b.in[i].header.SetControllen(controlSize)
}

// transfer receives or sends what it can without blocking. The scheduler is
// not told of the call: it lasts a fraction of a millisecond, and being told
// it would hand the worker's place to another thread and back at each batch.
func transfer(call, fd uintptr, messages []message) (int, syscall.Errno) {
	for {
		n, _, errno := unix.RawSyscall6(call, fd, uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)), unix.MSG_DONTWAIT, 0, 0)
		if errno != unix.EINTR {
			return int(n), errno
		}
	}
}

// receive waits for queries and returns how many there are. An error means
// that the socket was stopped or closed.
func (b *batch) receive() (int, error) {
	for {
		if err := b.raw.Read(b.read); err != nil {
			return 0, err
		}
		// Other errors are about earlier replies (ICMP), not about this read.
		if b.errno == 0 {
			return b.received, nil
		}
	}
}

// drain answers what has arrived on a stopped socket.
func (b *batch) drain(w *udpWorker) {
	more := true
	for more {
		err := b.raw.Control(func(fd uintptr) { b.read(fd) })
		if more = err == nil && b.errno == 0; more {
			w.exchange(b, b.received)
		}
	}
}

// queries are the first n that were received.
func (b *batch) queries(n int) [][]byte {
	for i := range n {
		b.views[i] = b.slots[i][:b.in[i].size]
	}
	b.used, b.replies = 0, 0
	return b.views[:n]
}

// from is the client of the i-th query.
func (b *batch) from(i int) netip.AddrPort {
	peer := &b.peers[i]
	port := (*[2]byte)(unsafe.Pointer(&peer.Port))
	number := uint16(port[0])<<8 | uint16(port[1])
	if peer.Family == unix.AF_INET {
		addr := (*unix.RawSockaddrInet4)(unsafe.Pointer(peer)).Addr
		return netip.AddrPortFrom(netip.AddrFrom4(addr), number)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(peer.Addr).Unmap(), number)
}

// space is where the next reply may be written.
func (b *batch) space() []byte { return b.room[b.used:][:dns.MaxUDPSize:dns.MaxUDPSize] }

// add queues the reply to the i-th query, which goes back to where the query
// came from, with the packet info it came with.
func (b *batch) add(i int, reply []byte) {
	if &reply[0] == &b.room[b.used] {
		b.used += len(reply)
	}
	from, to := &b.in[i].header, &b.out[b.replies].header
	b.outVec[b.replies].Base = &reply[0]
	b.outVec[b.replies].SetLen(len(reply))
	to.Name, to.Namelen = from.Name, from.Namelen
	to.Control, to.Controllen = nil, 0
	if from.Controllen > 0 {
		to.Control, to.Controllen = from.Control, from.Controllen
	}
	b.replies++
}

// send sends the queued replies, makes all slots ready again and returns how
// many replies the system did not take. It waits while the socket's send
// buffer is full.
func (b *batch) send() (unsent int) {
	for done := 0; done < b.replies; {
		b.sent = done
		if err := b.raw.Write(b.write); err != nil {
			unsent += b.replies - done
			break
		}
		if b.errno != 0 {
			// The first message of those left failed; the others may not.
			done++
			unsent++
			continue
		}
		done += b.sent
	}
	for i := range b.received {
		b.arm(i)
	}
	return unsent
}
