package sim

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Linux is the system of Linux 6.18, as that kernel was seen to behave.
func Linux() System {
	s := RFC9293()
	t := &s.TCP
	t.Name = "linux"
	t.Features &^= fsm.PassiveSynListen
	t.Features |= fsm.FinStateEager | fsm.SynAckAgain | fsm.MinVariance | fsm.ResetWithAck | fsm.ResetBelowFin | fsm.ResetTold |
		fsm.ResetAfterShutdown | fsm.CrossedSynAcked | fsm.SynAgainOnBadAck | fsm.ProbeOldNumber |
		fsm.TimeWaitResetExact | fsm.TimeWaitSynBeyond | fsm.WindowInSegments | fsm.ResetInWindow |
		fsm.TimeWaitRestarts | fsm.ListenSynFinDropped | fsm.SynTextDropped | fsm.PassiveSynReset | fsm.FinWait2Alone |
		fsm.AckRangeAcked | fsm.AnswersLimited | fsm.NumbersAfterClose | fsm.AbortPendingReset |
		fsm.AcklessDropped | fsm.EmbryoAckFirst
	t.UserTimeoutFromRepeat, t.FinWait2ByRTO, t.ResetAtSack = true, true, true
	t.EdgesAccepted, t.HeldFinCovered, t.FinAckApart, t.SackOnAll, t.DSACK = true, true, true, true, true
	t.Minshall, t.WholeSegments, t.OverrideByRTO, t.CwndInSegments, t.PushBursts = true, true, true, true, true
	t.RepeatsAsSent, t.RepeatInClosedWindow, t.IdleByAck = true, true, true

	t.Tick = 4 * time.Millisecond // CONFIG_HZ=250

	t.TimeWait = time.Minute // TCP_TIMEWAIT_LEN
	t.FinWait2 = time.Minute // net.ipv4.tcp_fin_timeout

	t.RTOMin = 200 * time.Millisecond // TCP_RTO_MIN
	t.RTOMax = 120 * time.Second      // TCP_RTO_MAX
	t.RTOAfterSyn = 3 * time.Second   // TCP_TIMEOUT_FALLBACK
	t.R2Syn = 0
	t.SynLinear = 4   // net.ipv4.tcp_syn_linear_timeouts
	t.SynR2 = 6 + 4   // net.ipv4.tcp_syn_retries, which the linear ones do not count in
	t.SynAckR2 = 5    // net.ipv4.tcp_synack_retries
	t.DataR2 = 15     // net.ipv4.tcp_retries2
	t.OrphanR2 = 8    // net.ipv4.tcp_orphan_retries, where 0 means 8
	t.UserTimeout = 0 // TCP_USER_TIMEOUT sets one

	t.FinAckDelay = 40 * time.Millisecond // ATO_MIN, the delayed ACK
	t.FinAckTick = 4 * time.Millisecond   // a clock tick
	t.DelayedAck = 40 * time.Millisecond
	t.QuickAcks = 16 // TCP_MAX_QUICKACKS
	t.AckAdapts = true

	t.ChallengeLimit, t.ChallengeInterval = 1, 500*time.Millisecond // net.ipv4.tcp_invalid_ratelimit

	t.RcvBuf = 65535
	t.SndBuf = 46080
	t.WScale = 10       // of net.ipv4.tcp_rmem's 32 MiB
	t.InitialOctets = 0 // TCP_INIT_CWND counts segments, however large

	s.PortLo, s.PortHi = 32768, 60999 // net.ipv4.ip_local_port_range
	s.BacklogExtra = 1
	s.ResetFlushes = false
	s.ResetInCloseWait = EPIPE
	s.RefusedInSynSent = true
	s.ErrorBeforePipe = true
	s.EndAfterReset = true
	s.TimeWaitApart = true
	s.LingerOffIsZero = true
	s.BindBothReuse = true
	s.CallsHoldSocket = true
	s.AcceptQueueOnly = true
	s.AcceptsDead = true
	s.ShutdownDropsSynSent = true
	s.ShutdownFinLater = true
	s.ShutdownStopsListener = true
	s.ConnectListening = EISCONN
	s.TupleTaken = EADDRNOTAVAIL
	s.LingerBlocks = true
	s.ICMP = icmpLinux
	s.SendOpening = EAGAIN
	s.ConnectReports = true
	s.PortParity = true
	s.TimeWaitReuse = 2
	s.ReopenBeyond = 65535 + 2
	t.ICMPBeyond = 1
	t.KeepAliveUserTimeout, t.MoreOnce = true, true
	s.WakesTogether, s.EmbryosStay = true, true
	s.EmbryosLimited, s.SynCookies = true, true
	s.ExitFromLast, s.WakesLast, s.PollHoldsSocket, s.DisconnectPipe = true, true, true, true
	s.SoftErrorTold, s.EmbryoICMP = true, true
	s.ShutdownSticks, s.ConnectTimes, s.PeekWaits = true, true, true
	s.BuffersDoubled, s.OptionLimits = true, true
	s.QueuesOfListener = EINVAL
	s.ISNRate = 15_625_000 // one in 64 nanoseconds
	t.LossProbe = true
	t.Reordering = 4
	return s
}

// linuxSources names where in the kernel a value belongs. "seen" says more: a
// recorded run of Linux 6.18 takes another course without it. "fitted" says less:
// it was chosen so that recorded runs come out right.
var linuxSources = sources{
	"time_wait": "TCP_TIMEWAIT_LEN; seen", "fin_wait_2": "net.ipv4.tcp_fin_timeout",
	"time_wait_limit": "net.ipv4.tcp_max_tw_buckets; none here", "time_wait_reuse": "net.ipv4.tcp_tw_reuse",
	"rto_min": "TCP_RTO_MIN; seen", "rto_max": "TCP_RTO_MAX", "rto_after_syn": "TCP_TIMEOUT_FALLBACK", "tick": "CONFIG_HZ=250, kernel/time/timer.c; fitted to recorded repeats, phase included",
	"syn_linear": "net.ipv4.tcp_syn_linear_timeouts", "syn_r2": "net.ipv4.tcp_syn_retries, and the linear ones",
	"syn_ack_r2": "net.ipv4.tcp_synack_retries", "r2_syn": "syn_r2 decides", "data_r2": "net.ipv4.tcp_retries2",
	"orphan_r2": "net.ipv4.tcp_orphan_retries, where 0 means 8", "user_timeout": "TCP_USER_TIMEOUT sets one",
	"delayed_ack": "TCP_DELACK_MIN", "ack_adapts": "tcp_event_data_recv, tcp_send_delayed_ack; seen", "quick_acks": "TCP_MAX_QUICKACKS; seen", "fin_ack_delay": "the delayed ACK", "fin_ack_tick": "seen: 0 to 8 ms",
	"challenge_limit": "net.ipv4.tcp_invalid_ratelimit; seen", "challenge_interval": "net.ipv4.tcp_invalid_ratelimit; seen",
	"receive_buffer": "the window of a SYN", "send_buffer": "tcp_sndbuf_expand; fitted to recorded writes", "window_scale_shift": "net.ipv4.tcp_rmem of 32 MiB", "initial_octets": "tcp_init_cwnd: TCP_INIT_CWND is a number of segments",
	"ports": "net.ipv4.ip_local_port_range", "backlog_extra": "sk_acceptq_is_full; seen", "tuple_taken": "__inet_check_established; seen",
	"loss_probe": "tcp_send_loss_probe; seen", "reordering": "tcp_rack_mark_lost: min_rtt/4; seen", "connect_listening": "__inet_stream_connect", "shutdown_stops_listener": "inet_shutdown, tcp_disconnect; seen",
	"reset_in_window": "tcp_acceptable_seq", "passive_syn_listen": "tcp_check_req: passive_syn_reset", "time_wait_restarts": "tcp_timewait_state_process", "listen_syn_fin_dropped": "tcp_rcv_state_process",
	"syn_text_dropped": "tcp_rcv_synsent_state_process", "passive_syn_reset": "tcp_check_req", "fin_wait_2_alone": "tcp_timewait_state_process",
	"ack_range_acked": "tcp_ack, bytes_acked", "answers_limited": "tcp_oow_rate_limited, tcp_send_challenge_ack", "fin_state_eager": "tcp_close_state; seen", "syn_ack_again": "tcp_check_req", "min_variance": "__tcp_set_rto; seen",
	"reset_with_ack": "tcp_send_active_reset, tcp_acceptable_seq; seen", "reset_below_fin": "tcp_reset_check", "reset_told": "tcp_reset; seen",
	"reset_after_shutdown": "tcp_rcv_state_process; seen", "crossed_syn_acked": "tcp_rcv_state_process; seen", "syn_again_on_bad_ack": "tcp_rcv_synsent_state_process; seen",
	"probe_old_number": "tcp_xmit_probe_skb", "user_timeout_from_repeat": "retransmits_timed_out; seen", "time_wait_reset_exact": "tcp_timewait_state_process; seen",
	"time_wait_syn_beyond": "tcp_timewait_state_process; seen", "window_in_segments": "__tcp_select_window; a model, fitted to recorded windows",
	"reset_flushes": "tcp_reset keeps the receive queue; seen", "reset_in_close_wait": "tcp_reset; seen", "refused_in_syn_sent": "tcp_reset",
	"error_before_pipe": "tcp_sendmsg_locked, sk_stream_error; seen", "end_after_reset": "tcp_recvmsg_locked; seen", "time_wait_apart": "tcp_time_wait; seen",
	"linger_off_is_zero": "sock_setsockopt; seen", "linger_blocks": "tcp_close; seen", "bind_both_reuse": "inet_csk_bind_conflict; seen",
	"calls_hold_socket": "fget, fput; seen", "accept_queue_only": "tcp_v4_syn_recv_sock; seen", "shutdown_drops_syn_sent": "inet_shutdown", "shutdown_fin_later": "tcp_rcv_state_process: SYN-RECEIVED; seen", "accepts_dead": "inet_csk_accept; seen",
	"numbers_after_close": "tcp_rcv_state_process; seen", "abort_pending_reset": "tcp_disconnect, __tcp_close; seen", "ackless_dropped": "tcp_rcv_established, tcp_rcv_state_process; seen", "embryo_ack_first": "tcp_check_req; seen",
	"edges_accepted": "tcp_sequence, tcp_data_queue; seen", "held_fin_covered": "tcp_ofo_queue; seen", "fin_ack_apart": "tcp_fin; seen", "sack_on_all": "tcp_established_options, tcp_current_mss; seen", "dsack": "tcp_dsack_set; seen",
	"minshall": "tcp_nagle_check; seen", "whole_segments": "tcp_snd_wnd_test; seen", "override_by_rto": "tcp_check_probe_timer; seen", "cwnd_in_segments": "tcp_cwnd_test; seen", "push_bursts": "__tcp_transmit_skb, tcp_tso_autosize; seen",
	"repeats_as_sent": "tcp_retrans_try_collapse; seen", "repeat_in_closed_window": "tcp_retransmit_timer; seen", "idle_by_ack": "keepalive_time_elapsed; seen",
	"fin_wait_2_by_rto": "tcp_fin_time; seen", "reset_at_sack": "tcp_validate_incoming; seen", "send_opening": "sk_stream_wait_connect; seen", "connect_reports": "__inet_stream_connect; seen",
	"keep_alive_user_timeout": "tcp_keepalive_timer; seen", "more_once": "tcp_sendmsg_locked, tcp_data_snd_check; seen", "exit_from_last": "close_files, task_work_run; seen",
	"embryos_limited": "inet_csk_reqsk_queue_is_full; seen", "syn_cookies": "net.ipv4.tcp_syncookies; seen", "time_wait_reuse_delay": "net.ipv4.tcp_tw_reuse_delay", "embryos_stay": "inet_csk_listen_stop; seen", "wakes_together": "softirqs run before processes; seen", "wakes_last": "add_wait_queue; seen", "poll_holds_socket": "do_poll, fdget; seen", "disconnect_pipe": "sk_disconnects; seen", "soft_error_told": "sk_getsockopt; seen", "embryo_icmp": "tcp_v4_err, tcp_req_err; seen",
	"shutdown_sticks": "inet_shutdown; seen", "connect_times": "__inet_stream_connect; seen", "peek_waits": "tcp_recvmsg_locked; seen", "buffers_doubled": "sk_setsockopt; seen", "option_limits": "do_tcp_setsockopt; seen", "queues_of_listener": "tcp_ioctl; seen",
	"isn_rate":    "secure_tcp_seq, seq_scale; seen",
	"port_parity": "__inet_hash_connect, inet_csk_find_open_port; seen", "reopen_beyond": "tcp_timewait_state_process; seen",
	"icmp_net": "icmp_err_convert, tcp_v4_err", "icmp_host": "icmp_err_convert, tcp_v4_err", "icmp_protocol": "icmp_err_convert, tcp_v4_err", "icmp_port": "icmp_err_convert, tcp_v4_err", "icmp_route": "icmp_err_convert, tcp_v4_err", "icmp_net_barred": "icmp_err_convert, tcp_v4_err", "icmp_host_barred": "icmp_err_convert, tcp_v4_err", "icmp_barred": "icmp_err_convert, tcp_v4_err", "icmp_expired": "icmp_err_convert, tcp_v4_err", "icmp_parameter": "icmp_err_convert, tcp_v4_err", "icmp_beyond": "tcp_v4_err: between(seq, snd_una, snd_nxt)",
}
