package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Windows is the system of Windows since Vista, with Winsock 2.
func Windows() System {
	s := RFC9293()
	t := &s.TCP
	t.Name = "windows"
	t.Features &^= fsm.RFC5961Ack | fsm.RFC6191 | fsm.Timestamps
	t.Features |= fsm.FinStateEager | fsm.SynAckAgain | fsm.ResetWithAck | fsm.ResetTold | fsm.SynBeyondReopens | fsm.TimeWaitMute |
		fsm.RefusedTriesAgain | fsm.TextAfterShutReset | fsm.ResetGivenUp | fsm.AbortClosingReset | fsm.SynExactReset
	t.R2Counts = true

	t.TimeWait = 2 * time.Minute // TcpTimedWaitDelay
	t.FinWait2 = 2 * time.Minute // TcpFinWait2Delay

	t.RTOInitial = 3 * time.Second
	t.RTOMin = 300 * time.Millisecond
	t.RTOMax = 240 * time.Second
	t.RTOAfterSyn = 0
	t.R2Syn = 0
	t.SynR2 = 2    // TcpMaxConnectRetransmissions
	t.SynAckR2 = 2 // TcpMaxConnectResponseRetransmissions
	t.SynAgain = 500 * time.Millisecond
	t.DataR2, t.OrphanR2 = 5, 5  // TcpMaxDataRetransmissions
	t.UserTimeout = 0            // TCP_MAXRT sets one
	t.KeepInterval = time.Second // KeepAliveInterval
	t.KeepCount = 10
	t.ChallengeLimit, t.ChallengeInterval = 1, 3*time.Second

	t.RcvBuf = 64240
	t.WScale = 8
	t.Layout = fsm.LayoutWindows

	s.Winsock = true
	s.ErrorSticky = true
	s.PartialSendFails = true
	s.ShutIsError = true
	s.ResetInCloseWait = ECONNABORTED
	s.DataGivenUp = ECONNABORTED
	s.KeepAliveDead, s.KeepAliveThen = ENETRESET, ECONNRESET
	s.SendOpening, s.ReceiveOpening = ENOTCONN, ENOTCONN
	s.AcceptReset = ECONNRESET
	s.RefusesWhenFull = true
	s.ConnectListening = EINVAL
	s.PortsExhausted = ENOBUFS
	s.BindExhausted = ENOBUFS
	s.PortsUnshared = true
	s.BindWinsock = true
	s.LingerRefuses = true
	s.LingerResets = true
	s.LingerZeroFirst = true
	s.ExitResets = true
	s.ICMP = icmpNoted()
	s.Lacks = optionSet(SoReusePort, SoLingerSec, TCPCork, TCPNoPush, TCPKeepInit, TCPNoOpt, TCPLinger2, TCPUserTimeout)
	return s
}

// Windows2000 is the system of Windows 2000 and XP, where it is another.
func Windows2000() System {
	s := Windows()
	t := &s.TCP
	t.Name = "windows2000"
	t.Features &^= fsm.SACK | fsm.SackFin | fsm.WindowScale
	t.TimeWait = 4 * time.Minute
	t.FinWait2Held = 5 * time.Minute
	t.KeepCount = 5
	t.RcvBuf, t.WScale, t.ScaleByBuffer = 16384, 0, false
	s.PortLo, s.PortHi = 1025, 5000 // MaxUserPort
	s.BindHijack = true
	return s
}

var windowsSources = sources{
	"time_wait": "TcpTimedWaitDelay: the documents give 120 s and 240 s", "fin_wait_2": "TcpFinWait2Delay, KB923200", "fin_wait_2_held": "unverified: none since Vista",
	"rto_initial": "TcpInitialRTT; 1 s since Windows 10 is unverified", "rto_min": "unverified", "rto_max": "unverified", "rto_after_syn": "unverified",
	"syn_r2": "TcpMaxConnectRetransmissions", "syn_ack_r2": "unverified: TcpMaxConnectResponseRetransmissions", "r2_syn": "syn_r2 decides",
	"syn_again": "KB175523; the interval is unverified", "data_r2": "TcpMaxDataRetransmissions", "orphan_r2": "as data_r2", "user_timeout": "TCP_MAXRT sets one",
	"delayed_ack": "TcpDelAckTicks", "keep_idle": "KeepAliveTime", "keep_interval": "KeepAliveInterval", "keep_count": "setsockopt SO_KEEPALIVE",
	"challenge_limit": "NIC offload: one for a SYN in 3 s; that of a RST, one until a valid segment, is taken for the same", "challenge_interval": "NIC offload",
	"receive_buffer": "the window of a SYN", "send_buffer": "unverified", "window_scale_shift": "the option of a SYN", "initial_window": "unverified", "option_order": "the options of a SYN",
	"options_lacking": "setsockopt", "ports": "netsh int ipv4 show dynamicportrange", "backlog_percent": "listen", "linger_unit": "LINGER: seconds",
	"tuple_taken": "connect: WSAEADDRINUSE", "ports_exhausted": "KB196271; WSAEADDRINUSE was seen too", "bind_exhausted": "KB196271",
	"linger_expired": "closesocket returns 0", "accept_reset": "accept: WSAECONNRESET", "connect_listening": "connect: WSAEINVAL",
	"reset_in_close_wait": "published observation: WSAECONNABORTED", "keep_alive_dead": "setsockopt SO_KEEPALIVE: WSAENETRESET", "data_given_up": "unverified: or WSAETIMEDOUT",
	"rfc5961_reset": "NIC offload", "rfc5961_syn": "NIC offload", "syn_exact_reset": "NIC offload", "keep_alive_then": "setsockopt SO_KEEPALIVE", "send_opening": "send: WSAENOTCONN", "receive_opening": "recv: WSAENOTCONN", "rfc5961_ack": "unverified", "rfc6191": "unverified", "timestamps": "Tcp1323Opts",
	"fin_state_eager": "unverified", "syn_ack_again": "unverified", "reset_with_ack": "published observation", "reset_told": "unverified", "syn_beyond_reopens": "KB261218, for Windows 2000; later unverified",
	"time_wait_mute": "KB261218, for Windows 2000; later unverified", "refused_tries_again": "KB175523", "text_after_shut_reset": "shutdown: the connection is reset",
	"abort_closing_reset": "closesocket: a linger time that is over resets; unverified for what else ends it there", "reset_given_up": "unverified", "r2_counts": "TcpMaxDataRetransmissions", "sack_fin": "unverified", "passive_syn_listen": "unverified",
	"reset_unread": "published observation", "reset_flushes": "published observation", "error_sticky": "published observation", "partial_send_fails": "send: a blocking call takes all or fails", "shut_is_error": "send, recv: WSAESHUTDOWN",
	"winsock": "Winsock 2", "refuses_when_full": "published observation", "ports_unshared": "unverified", "bind_winsock": "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE; against connections unverified",
	"linger_refuses": "closesocket: WSAEWOULDBLOCK; an observation of XP differs", "linger_resets": "closesocket", "linger_zero_first": "published observations, KB176736",
	"exit_resets": "WSAECONNRESET: suddenly stopped",
	"icmp_net":    "unverified", "icmp_host": "unverified", "icmp_protocol": "unverified", "icmp_port": "unverified", "icmp_route": "unverified", "icmp_net_barred": "unverified", "icmp_host_barred": "unverified", "icmp_barred": "unverified", "icmp_expired": "unverified", "icmp_parameter": "unverified",
}

var windows2000Sources = sources{
	"time_wait": "TcpTimedWaitDelay", "fin_wait_2_held": "KB813056", "keep_count": "TcpMaxDataRetransmissions", "receive_buffer": "TcpWindowSize",
	"ports": "MaxUserPort", "sack": "SackOpts: none here", "window_scale": "Tcp1323Opts", "window_scale_shift": "Tcp1323Opts: none here", "scale_by_buffer": "Tcp1323Opts: none here", "sack_fin": "SackOpts: none here",
	"bind_hijack": "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE", "syn_beyond_reopens": "KB261218", "time_wait_mute": "KB261218",
}
