package sim

// systemSources gives the sources of each profile. What a profile leaves as RFC
// 9293's has it has that profile's source. A source that begins with "unverified"
// tells that nobody here has seen the system do so.
var systemSources = map[string]sources{
	"rfc9293":     rfc9293Sources,
	"rfc793":      rfc793Sources,
	"linux":       linuxSources,
	"freebsd":     freebsdSources,
	"darwin":      darwinSources,
	"windows":     windowsSources,
	"windows2000": windows2000Sources,
}

// madeFrom tells from which other a profile was made: what it leaves has that one's
// source.
var madeFrom = map[string]string{"darwin": "freebsd", "windows2000": "windows"}

var rfc9293Sources = sources{
	"time_wait": "RFC 9293 3.4.2, MUST-13: 2 MSL of 2 minutes", "time_wait_limit": "no RFC limits it",
	"time_wait_reuse": "RFC 9293 3.10.1: the connection already exists", "fin_wait_2": "no RFC limits it",
	"rto_initial": "RFC 6298 2.1", "rto_min": "RFC 6298 2.4", "rto_max": "RFC 6298 2.5: 60 s or more",
	"rto_after_syn": "RFC 6298 5.7", "backoff": "RFC 6298 5.5", "tick": "no clock granularity is simulated",
	"syn_linear": "RFC 6298 5.5", "syn_r2": "RFC 9293 3.8.3: time or number", "syn_ack_r2": "RFC 9293 3.8.3: time or number",
	"r2_syn": "RFC 9293 MUST-23", "r1": "RFC 9293 SHLD-10", "data_r2": "RFC 9293 3.8.3: time or number",
	"orphan_r2": "RFC 9293 3.8.3: time or number", "user_timeout": "RFC 9293 3.9.1.1",
	"delayed_ack": "RFC 9293 MUST-40: less than 0.5 s", "quick_acks": "RFC 9293 3.8.6.3", "fin_ack_delay": "RFC 9293 3.10.7.4 eighth",
	"fin_ack_tick": "RFC 9293 3.10.7.4 eighth", "sws_override": "RFC 9293 3.8.6.2.1: 0.1 to 1.0 s", "keep_idle": "RFC 9293 MUST-28",
	"keep_interval": "open in the RFC: what BSD and Linux do", "keep_count": "open in the RFC: what Linux does",
	"challenge_limit": "RFC 5961 7", "challenge_interval": "RFC 5961 7", "receive_buffer": "open in the RFC", "send_buffer": "open in the RFC",
	"window_scale_shift": "open in the RFC", "loss_probe": "RFC 8985 is not simulated here", "reordering": "RFC 6675 4", "scale_by_buffer": "RFC 7323 2.2 leaves the shift to the buffer", "initial_window": "RFC 6928 2", "initial_octets": "RFC 6928 2", "ports": "RFC 6335 6", "descriptors": "open: what shells give",
	"backlog_extra": "POSIX listen", "tuple_taken": "POSIX connect: EADDRINUSE",
	"rfc5961_reset": "RFC 9293 3.10.7.4 second, SHLD-2", "rfc5961_syn": "RFC 9293 3.10.7.4 fourth", "rfc5961_ack": "RFC 9293 MAY-12",
	"rfc6191": "RFC 9293 SHLD-4", "reset_after_close": "RFC 9293 SHLD-3", "passive_syn_listen": "RFC 9293 3.10.7.4 fourth",
	"window_on_equal_ack": "RFC 9293 3.10.7.4 fifth", "timestamps": "RFC 9293 MAY-10, RFC 7323", "sack": "RFC 2018", "window_scale": "RFC 7323 2",
	"nagle": "RFC 9293 SHLD-7", "silly_window": "RFC 9293 MUST-38, MUST-39", "congestion_control": "RFC 9293 MUST-19", "rfc6298": "RFC 9293 MUST-19",
	"reset_unread": "RFC 9293 SHLD-3", "half_duplex_close": "RFC 9293 MAY-1", "reset_flushes": "RFC 9293 3.10.7.4 second",
	"timestamps_required": "RFC 7323 3.2 would have it on: see the architecture",
	"reset_in_close_wait": "RFC 9293 3.10.7.4 second: connection reset", "data_given_up": "POSIX: ETIMEDOUT", "keep_alive_dead": "POSIX: ETIMEDOUT",
	"accept_reset": "POSIX accept: ECONNABORTED", "connect_listening": "POSIX connect: EOPNOTSUPP", "ports_exhausted": "POSIX connect: EADDRNOTAVAIL",
	"bind_exhausted": "POSIX bind: EADDRINUSE", "linger_expired": "POSIX leaves it open", "linger_unit": "POSIX: seconds", "backlog_percent": "POSIX listen",
	"fin_wait_2_held": "no RFC limits it", "backoff_max": "RFC 6298 5.5: rto_max bounds it", "rto_slop": "RFC 6298 knows none", "persist_min": "RFC 9293 SHLD-29",
	"persist_max": "RFC 9293 SHLD-30", "open_timeout": "RFC 9293 MUST-23: r2_syn decides", "syn_again": "RFC 9293 3.10.7.3: refused is refused",
	"option_order": "RFC 9293 3.1: any", "options_lacking": "POSIX, and what most systems have beside it", "sack_fin": "RFC 2018 4",
	"icmp_net": "RFC 9293 3.9.2.2, MUST-56", "icmp_host": "RFC 9293 3.9.2.2, MUST-56", "icmp_protocol": "RFC 9293 3.9.2.2, SHLD-26", "icmp_port": "RFC 9293 3.9.2.2, SHLD-26",
	"icmp_too_big": "path MTU discovery is not simulated", "icmp_route": "RFC 9293 3.9.2.2, MUST-56", "icmp_net_barred": "RFC 9293 3.9.2.2 does not name it", "icmp_host_barred": "RFC 9293 3.9.2.2 does not name it",
	"icmp_barred": "RFC 9293 3.9.2.2 does not name it", "icmp_expired": "RFC 9293 3.9.2.2, MUST-56", "icmp_parameter": "RFC 9293 3.9.2.2, MUST-56", "icmp_quench": "RFC 9293 MUST-55", "icmp_redirect": "RFC 1122 3.2.2.2: IP's business", "icmp_beyond": "RFC 5927 4.1",
}

var rfc793Sources = sources{
	"time_wait": "RFC 793 3.3: 2 MSL of 2 minutes", "rto_initial": "open in RFC 793: RFC 1122 4.2.3.1", "rto_min": "RFC 793 3.7, LBOUND",
	"rto_max": "RFC 793 3.7, UBOUND", "rto_after_syn": "RFC 793 knows none", "backoff": "RFC 793 knows none", "user_timeout": "RFC 793 3.8",
	"r2_syn": "RFC 793 3.9", "r1": "RFC 793 knows none", "delayed_ack": "RFC 793 knows none", "sws_override": "RFC 793 knows none",
	"challenge_limit": "RFC 793 knows none", "challenge_interval": "RFC 793 knows none", "receive_buffer": "open in RFC 793: what hosts of the time had",
	"window_scale_shift": "RFC 793 knows none", "initial_window": "RFC 793 knows none", "initial_octets": "RFC 793 knows none", "ack_of_nothing": "RFC 793 3.9 fifth",
	"time_wait_any_ack": "RFC 793 3.9 fifth", "window_on_equal_ack": "RFC 793 3.9 fifth; RFC 1122 4.2.2.20 (g) mends it",
	"rfc5961_reset": "RFC 793 knows none", "rfc5961_syn": "RFC 793 3.9 fourth", "rfc5961_ack": "RFC 793 knows none", "rfc6191": "RFC 793 knows none",
	"reset_after_close": "RFC 793 knows none", "passive_syn_listen": "RFC 793 3.9 fourth", "timestamps": "RFC 793 knows none", "sack": "RFC 793 knows none",
	"window_scale": "RFC 793 knows none", "nagle": "RFC 793 knows none", "silly_window": "RFC 793 knows none",
	"congestion_control": "RFC 793 knows none", "rfc6298": "RFC 793 3.7: the example procedure", "reset_unread": "RFC 793 knows none",
	"half_duplex_close": "RFC 793 knows none", "sack_fin": "RFC 793 knows none", "scale_by_buffer": "RFC 793 knows none",
}
