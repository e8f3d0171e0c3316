//go:build !linux

package server

import "syscall"

const canShareAddress = false

func shareAddress(_, _ string, _ syscall.RawConn) error { return nil }
