package sim

// featureSays describes the switches of the machine.
var featureSays = map[string]string{
	"rfc5961_reset":            "a RST counts at RCV.NXT only",
	"rfc5961_syn":              "a SYN in a synchronized state is challenged",
	"rfc5961_ack":              "an ACK too far back is challenged",
	"rfc1337":                  "TIME-WAIT ignores a RST",
	"rfc6191":                  "timestamps decide about a SYN in TIME-WAIT",
	"reset_after_close":        "text after a full close is answered with a RST",
	"fin_state_eager":          "the state changes at close(), not with the FIN",
	"passive_syn_listen":       "a new SYN takes a passive SYN-RECEIVED back to LISTEN",
	"syn_ack_again":            "a repeated SYN draws the SYN,ACK again",
	"ack_of_nothing":           "an ACK of nothing completes the handshake",
	"window_on_equal_ack":      "the send window follows an ACK of nothing new too",
	"time_wait_any_ack":        "whatever comes restarts TIME-WAIT",
	"timestamps":               "timestamps are offered",
	"timestamps_required":      "a segment without timestamps is dropped",
	"sack":                     "selective acknowledgments are offered",
	"window_scale":             "window scaling is offered",
	"nagle":                    "small segments wait for an ACK",
	"silly_window":             "small windows and segments are avoided",
	"congestion_control":       "slow start, fast retransmit, fast recovery",
	"min_variance":             "the least RTO is added to the round trip",
	"reset_with_ack":           "the RST of an abort carries an ACK",
	"reset_below_fin":          "a RST at the peer's FIN counts too",
	"reset_told":               "a RST in CLOSING and LAST-ACK is told",
	"reset_after_shutdown":     "shutdown() of both directions answers text with a RST",
	"crossed_syn_acked":        "a crossing SYN,ACK is acknowledged",
	"syn_again_on_bad_ack":     "a SYN goes again after an unacceptable ACK",
	"probe_old_number":         "a closed window is probed with an old number",
	"user_timeout_from_repeat": "the user timeout counts from the first repeat",
	"time_wait_reset_exact":    "TIME-WAIT drops a RST that is not at RCV.NXT",
	"time_wait_syn_beyond":     "TIME-WAIT takes a SYN beyond RCV.NXT only",
	"window_in_segments":       "the window is whole segments",
	"rfc6298":                  "the RTO follows the variation of the round trip",
}

// systemSources gives the sources of each profile. What a profile leaves as RFC
// 9293's has it has that profile's source.
var systemSources = map[string]sources{
	"rfc9293": rfc9293Sources,
	"rfc793":  rfc793Sources,
	"linux":   linuxSources,
}

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
	"window_scale_shift": "open in the RFC", "initial_window": "RFC 6928 2", "ports": "RFC 6335 6", "descriptors": "open: what shells give",
	"backlog_extra": "POSIX listen", "tuple_taken": "POSIX connect: EADDRINUSE",
	"rfc5961_reset": "RFC 9293 3.10.7.4 second, SHLD-2", "rfc5961_syn": "RFC 9293 3.10.7.4 fourth", "rfc5961_ack": "RFC 9293 MAY-12",
	"rfc6191": "RFC 9293 SHLD-4", "reset_after_close": "RFC 9293 SHLD-3", "passive_syn_listen": "RFC 9293 3.10.7.4 fourth",
	"window_on_equal_ack": "RFC 9293 3.10.7.4 fifth", "timestamps": "RFC 9293 MAY-10, RFC 7323", "sack": "RFC 2018", "window_scale": "RFC 7323 2",
	"nagle": "RFC 9293 SHLD-7", "silly_window": "RFC 9293 MUST-38, MUST-39", "congestion_control": "RFC 9293 MUST-19", "rfc6298": "RFC 9293 MUST-19",
	"reset_unread": "RFC 9293 SHLD-3", "half_duplex_close": "RFC 9293 MAY-1", "reset_flushes": "RFC 9293 3.10.7.4 second",
	"timestamps_required": "RFC 7323 3.2 would have it on: see the architecture",
}

var rfc793Sources = sources{
	"time_wait": "RFC 793 3.3: 2 MSL of 2 minutes", "rto_initial": "open in RFC 793: RFC 1122 4.2.3.1", "rto_min": "RFC 793 3.7, LBOUND",
	"rto_max": "RFC 793 3.7, UBOUND", "rto_after_syn": "RFC 793 knows none", "backoff": "RFC 793 knows none", "user_timeout": "RFC 793 3.8",
	"r2_syn": "RFC 793 3.9", "r1": "RFC 793 knows none", "delayed_ack": "RFC 793 knows none", "sws_override": "RFC 793 knows none",
	"challenge_limit": "RFC 793 knows none", "challenge_interval": "RFC 793 knows none", "receive_buffer": "open in RFC 793: what hosts of the time had",
	"window_scale_shift": "RFC 793 knows none", "initial_window": "RFC 793 knows none", "ack_of_nothing": "RFC 793 3.9 fifth",
	"time_wait_any_ack": "RFC 793 3.9 fifth", "window_on_equal_ack": "RFC 793 3.9 fifth; RFC 1122 4.2.2.20 (g) mends it",
	"rfc5961_reset": "RFC 793 knows none", "rfc5961_syn": "RFC 793 3.9 fourth", "rfc5961_ack": "RFC 793 knows none", "rfc6191": "RFC 793 knows none",
	"reset_after_close": "RFC 793 knows none", "passive_syn_listen": "RFC 793 3.9 fourth", "timestamps": "RFC 793 knows none", "sack": "RFC 793 knows none",
	"window_scale": "RFC 793 knows none", "nagle": "RFC 793 knows none", "silly_window": "RFC 793 knows none",
	"congestion_control": "RFC 793 knows none", "rfc6298": "RFC 793 3.7: the example procedure", "reset_unread": "RFC 793 knows none",
	"half_duplex_close": "RFC 793 knows none",
}
