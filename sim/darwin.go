package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Darwin is the system of XNU, which has its TCP from FreeBSD.
func Darwin() System {
	s := FreeBSD()
	t := &s.TCP
	t.Name = "darwin"
	t.TimeWait = 30 * time.Second // net.inet.tcp.msl of 15 s, twice
	t.Layout = fsm.LayoutDarwin
	s.ResetUnread = true
	s.CallsHoldSocket = false
	s.LingerExpired = OK
	s.LingerUnit = 10 * time.Millisecond // SO_LINGER counts clock ticks
	s.Lacks = optionSet(SoExclusiveAddrUse, SoDontLinger, TCPMaxRT, TCPLinger2, TCPCork, TCPUserTimeout)
	return s
}

var darwinSources = sources{
	"time_wait": "net.inet.tcp.msl of 15 s, twice", "option_order": "tcp_output", "reset_unread": "tcp_disconnect",
	"calls_hold_socket": "fileproc_drain, sodrain: who waits is woken", "linger_expired": "soclose_locked: the time is no error",
	"linger_unit": "unverified: sosetoptlock, ticks of 10 ms; SO_LINGER_SEC counts seconds", "options_lacking": "tcp_ctloutput, sosetoptlock",
}
