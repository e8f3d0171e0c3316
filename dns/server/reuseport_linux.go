package server

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// canShareAddress: several sockets may be bound to one address, and the
// system spreads clients over them.
const canShareAddress = true

// shareAddress sets SO_REUSEPORT on a socket before it is bound.
func shareAddress(_, _ string, raw syscall.RawConn) error {
	var failed error
	err := raw.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	if err != nil {
		return err
	}
	return failed
}
