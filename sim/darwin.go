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
	t.FinWait2 = fastFinWait2
	t.KeepAliveEnds = false
	s.ResetUnread, s.ResetHeld = true, true
	s.BacklogPercent, s.BacklogExtra = 100, 0 // kern.ipc.soqlimitcompat
	s.AcceptQueueOnly = false                 // there is no SYN cache: an embryo has a socket
	s.AnswersWhenFull, s.AbortOnOverflow = false, false
	s.ShutdownWakesAccept = false
	s.CallsHoldSocket = false
	s.LingerExpired = OK
	s.LingerUnit = 10 * time.Millisecond // SO_LINGER counts clock ticks
	s.Lacks = optionSet(SoExclusiveAddrUse, SoDontLinger, TCPMaxRT, TCPLinger2, TCPCork, TCPUserTimeout, TCPKeepInit)
	return s
}

var darwinSources = sources{
	"time_wait": "net.inet.tcp.msl of 15 s, twice", "option_order": "tcp_output", "reset_unread": "tcp_disconnect", "reset_held": "tcp_disconnect: t_reassqlen", "fin_wait_2": "unverified", "dsack": "unverified: net.inet.tcp.dsack_enable", "dsack_at_once": "unverified", "keep_alive_ends": "unverified: tcp_timers probes FIN_WAIT_2 too",
	"backlog_percent": "unverified: sonewconn_internal, kern.ipc.soqlimitcompat", "backlog_extra": "unverified: sonewconn_internal",
	"accept_queue_only": "unverified: so_qlen counts embryos too", "answers_when_full": "unverified: tcp_input drops a SYN that gets no socket",
	"abort_on_overflow": "unverified: tcp_input", "shutdown_wakes_accept": "unverified: soshutdown gives ENOTCONN before it does anything",
	"calls_hold_socket": "fileproc_drain, sodrain: who waits is woken", "linger_expired": "soclose_locked: the time is no error",
	"linger_unit": "unverified: sosetoptlock, ticks of 10 ms; SO_LINGER_SEC counts seconds", "options_lacking": "tcp_ctloutput, sosetoptlock",
}
