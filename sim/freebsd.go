package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// How long FIN-WAIT-2 without a user lasts: the first check after ten minutes finds
// that the peer was heard in that time, the next comes 75 s later.
const (
	slowFinWait2 = 600*time.Second + 75*time.Second
	fastFinWait2 = 60 * time.Second // net.inet.tcp.finwait2_timeout
)

// FreeBSD is the system of FreeBSD 13.
func FreeBSD() System {
	s := RFC9293()
	t := &s.TCP
	t.Name = "freebsd"
	t.Features &^= fsm.RFC5961Ack | fsm.RFC6191 | fsm.SackFin
	t.Features |= fsm.FinStateEager | fsm.SynAckAgain | fsm.ResetWithAck | fsm.ResetTold | fsm.RFC1337 | fsm.FinAgainInClosing |
		fsm.AckLeftOfWindow | fsm.SynBeyondReopens | fsm.TimeWaitSynUnheard | fsm.TimeWaitAckless | fsm.TimeWaitAcksAll |
		fsm.ListenSynAckSilent | fsm.AbortClosingReset | fsm.AbortSynReceivedSilent |
		fsm.CloseSynReceivedDeletes | fsm.ResetAtLastAck | fsm.ResetGivenUp | fsm.WindowInternal | fsm.WindowFollows
	t.RoundedBuffer, t.FinWait2Shut, t.R2Counts, t.KeepAliveEnds, t.ListenTextDropped, t.DSACK, t.DSACKAtOnce = true, true, true, true, true, true, true

	t.TimeWait = time.Minute // net.inet.tcp.msl, twice
	t.FinWait2 = slowFinWait2

	t.RTOInitial = time.Second           // net.inet.tcp.rexmit_initial
	t.RTOMin = 30 * time.Millisecond     // net.inet.tcp.rexmit_min
	t.RTOSlop = 200 * time.Millisecond   // net.inet.tcp.rexmit_slop
	t.RTOMax = 64 * time.Second          // TCPTV_REXMTMAX
	t.BackoffMax = 512                   // tcp_backoff
	t.RTOAfterSyn = 0                    // the round trip is measured anew
	t.PersistMin = 5 * time.Second       // TCPTV_PERSMIN
	t.PersistMax = 60 * time.Second      // TCPTV_PERSMAX
	t.R2Syn = 0                          // the timer of the connect decides
	t.OpenTimeout = 75 * time.Second     // net.inet.tcp.keepinit
	t.SynAckR2 = 3                       // net.inet.tcp.syncache.rexmtlimit
	t.DataR2, t.OrphanR2 = 12, 12        // TCP_MAXRXTSHIFT
	t.UserTimeout = 0                    // there is none
	t.DelayedAck = 40 * time.Millisecond // net.inet.tcp.delacktime
	t.KeepCount = 8                      // net.inet.tcp.keepcnt
	t.ChallengeInterval = 0

	t.RcvBuf = 65536 // net.inet.tcp.recvspace
	t.SndBuf = 32768 // net.inet.tcp.sendspace
	t.WScale = 6     // of kern.ipc.maxsockbuf
	t.ScaleByBuffer = false
	t.Layout = fsm.LayoutBSD

	s.PortLo, s.PortHi = 10000, 65535 // net.inet.ip.portrange
	s.BacklogPercent = 150
	s.BacklogExtra = 1
	s.ResetUnread = false
	s.ResetFlushes = false
	s.EndAfterReset = true
	s.ErrorBeforeEnd = true
	s.PipeWhenDead = true
	s.PartialSendFails = true
	s.ShutDiscards = true
	s.ShutdownFinLater = true
	s.ShutdownAfterEnd = true
	s.SendOpening = ENOTCONN
	s.ShutdownWakesAccept = true
	s.AcceptQueueOnly = true
	s.AbortOnOverflow = true
	s.AnswersWhenFull = true
	s.BindExhausted = EADDRNOTAVAIL
	s.LingerExpired = EAGAIN
	s.CallsHoldSocket = true
	s.TimeWaitLimit = 27768 // half of the ephemeral ports
	s.TimeWaitOldest = true
	s.ICMP = icmpBSD
	s.Lacks = optionSet(SoExclusiveAddrUse, SoDontLinger, SoLingerSec, TCPMaxRT, TCPLinger2, TCPCork, TCPUserTimeout)
	return s
}

// freebsdSources names where in the kernel a value belongs. "suite" says more: the
// scripts by which FreeBSD tests itself ask for it.
var freebsdSources = sources{
	"time_wait": "net.inet.tcp.msl, twice", "time_wait_limit": "net.inet.tcp.maxtcptw: half of the ephemeral ports", "time_wait_oldest": "tcp_tw_2msl_scan",
	"fin_wait_2": "tcp_timer_2msl: a check after 600 s idle, then every 75 s; what comes meanwhile is not counted here", "fin_wait_2_held": "tcp_usr_shutdown: only when nothing can be received",
	"rto_initial": "net.inet.tcp.rexmit_initial; suite", "rto_min": "net.inet.tcp.rexmit_min", "rto_max": "TCPTV_REXMTMAX", "rto_slop": "net.inet.tcp.rexmit_slop; suite",
	"rto_after_syn": "tcp_newtcpcb", "backoff": "tcp_backoff", "backoff_max": "tcp_backoff", "persist_min": "TCPTV_PERSMIN", "persist_max": "TCPTV_PERSMAX, which tcp_timer_persist waits without a user",
	"open_timeout": "net.inet.tcp.keepinit; suite", "r2_syn": "open_timeout decides", "syn_r2": "open_timeout decides",
	"syn_ack_r2": "net.inet.tcp.syncache.rexmtlimit", "data_r2": "TCP_MAXRXTSHIFT", "orphan_r2": "as data_r2",
	"user_timeout": "none", "delayed_ack": "net.inet.tcp.delacktime; suite", "keep_idle": "net.inet.tcp.keepidle; suite",
	"keep_interval": "net.inet.tcp.keepintvl; suite", "keep_count": "net.inet.tcp.keepcnt; suite",
	"passive_syn_listen": "unverified", "challenge_interval": "no limit", "receive_buffer": "net.inet.tcp.recvspace; suite",
	"send_buffer": "net.inet.tcp.sendspace", "scale_by_buffer": "tcp_compute_wscale looks at kern.ipc.maxsockbuf only", "window_scale_shift": "tcp_compute_wscale of kern.ipc.maxsockbuf; suite", "initial_window": "unverified: net.inet.tcp.initcwnd_segments",
	"option_order": "tcp_addoptions; suite", "options_lacking": "tcp_ctloutput", "ports": "net.inet.ip.portrange.first and .last", "backlog_percent": "sonewconn: 3/2 of the backlog", "backlog_extra": "sonewconn: the queue is over when it holds more",
	"linger_unit": "soclose", "tuple_taken": "in_pcbconnect_setup", "ports_exhausted": "in_pcb_lport", "bind_exhausted": "in_pcb_lport", "linger_expired": "soclose: tsleep's EWOULDBLOCK", "calls_hold_socket": "getsock_cap, fdrop",
	"accept_reset": "soaccept", "connect_listening": "solisten_proto_check", "reset_in_close_wait": "tcp_do_segment; suite", "keep_alive_dead": "tcp_timer_keep", "data_given_up": "tcp_timer_rexmt",
	"rfc5961_ack": "tcp_do_segment tests SND.MAX only", "rfc6191": "tcp_twcheck does not ask for timestamps; suite", "sack_fin": "suite", "fin_state_eager": "tcp_usrclosed",
	"syn_ack_again": "syncache_add", "reset_with_ack": "tcp_drop, tcp_output", "reset_told": "tcp_do_segment; suite", "rfc1337": "tcp_twcheck; suite", "fin_again_in_closing": "suite",
	"ack_left_of_window": "tcp_do_segment", "syn_beyond_reopens": "tcp_twcheck; suite", "time_wait_syn_unheard": "tcp_twcheck; suite", "time_wait_ackless": "tcp_twcheck; suite",
	"time_wait_acks_all": "tcp_twcheck; suite", "listen_syn_ack_silent": "suite", "listen_text_dropped": "syncache_add; suite", "dsack": "tcp_update_dsack_list; suite", "dsack_at_once": "tcp_do_segment; suite", "abort_closing_reset": "tcp_disconnect, tcp_drop",
	"abort_syn_received_silent": "tcp_disconnect", "close_syn_received_deletes": "tcp_disconnect", "reset_at_last_ack": "tcp_do_segment", "reset_given_up": "tcp_timer_rexmt, tcp_drop",
	"window_internal": "tcp_do_segment; suite", "window_follows": "tcp_output; suite", "rounded_buffer": "tcp_mss; suite", "fin_wait_2_shut": "tcp_usrclosed", "r2_counts": "tcp_timer_rexmt",
	"reset_unread": "soclose: the buffer is flushed", "reset_flushes": "tcp_close keeps the buffer", "end_after_reset": "soisdisconnected", "error_before_end": "soreceive_generic",
	"pipe_when_dead": "sosend_generic", "partial_send_fails": "sosend_generic, kern_sendit, dofilewrite", "shut_discards": "sorflush", "shutdown_fin_later": "tcp_usrclosed", "shutdown_wakes_accept": "soshutdown", "shutdown_after_end": "soisdisconnected", "send_opening": "sosend_generic", "keep_alive_ends": "tcp_timer_keep: t_state <= TCPS_CLOSING", "accept_queue_only": "syncache",
	"abort_on_overflow": "syncache_socket", "answers_when_full": "syncache_add does not look at the queue", "syn_fin_dropped": "net.inet.tcp.drop_synfin; suite",
	"icmp_net": "tcp_ctlinput, inetctlerrmap; suite", "icmp_host": "tcp_ctlinput, inetctlerrmap; suite", "icmp_protocol": "tcp_ctlinput, inetctlerrmap; suite", "icmp_port": "tcp_ctlinput, inetctlerrmap; suite", "icmp_route": "tcp_ctlinput, inetctlerrmap; suite", "icmp_net_barred": "tcp_ctlinput, inetctlerrmap; suite", "icmp_host_barred": "tcp_ctlinput, inetctlerrmap; suite", "icmp_barred": "tcp_ctlinput, inetctlerrmap; suite", "icmp_expired": "tcp_ctlinput, inetctlerrmap; suite", "icmp_parameter": "tcp_ctlinput, inetctlerrmap; suite",
}
