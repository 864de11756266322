package sim

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The numbers of the profiles, as users are shown them. A column that is "=" is as the
// one before it.
const profileNumbers = `
                     | rfc793           | rfc9293        | linux          | freebsd        | darwin | windows           | windows2000
 time_wait           | 240 s            | =              | 60 s           | =              | 30 s   | 120 s             | 240 s
 time_wait_limit     | none             | =              | =              | 27768          | =      | none              | =
 time_wait_reuse     | never            | =              | 2              | never          | =      | =                 | =
 fin_wait_2          | for ever         | =              | 60 s           | 675 s          | 60 s   | 120 s             | =
 fin_wait_2_held     | for ever         | =              | =              | =              | =      | =                 | 300 s
 rto_initial         | 3 s              | 1 s            | =              | =              | =      | 3 s               | =
 rto_min             | 1 s              | =              | 200 ms         | 30 ms          | =      | 300 ms            | =
 rto_slop            | none             | =              | =              | 200 ms         | =      | none              | =
 rto_max             | 60 s             | =              | 120 s          | 64 s           | =      | 240 s             | =
 backoff             | 1                | 2              | =              | =              | =      | =                 | =
 backoff_max         | none             | =              | =              | 512            | =      | none              | =
 syn_linear          | none             | =              | 4              | none           | =      | =                 | =
 syn_r2              | as r2_syn says   | =              | 10             | as r2_syn says | =      | 2                 | =
 syn_ack_r2          | as r2_syn says   | =              | 5              | 3              | =      | 2                 | =
 open_timeout        | none             | =              | =              | 75 s           | =      | none              | =
 syn_again           | none goes        | =              | =              | =              | =      | 500 ms            | =
 data_r2             | as the user timeout says | =      | 15             | 12             | =      | 5                 | =
 orphan_r2           | as the user timeout says | =      | 8              | 12             | =      | 5                 | =
 user_timeout        | 300 s            | =              | none           | =              | =      | =                 | =
 challenge_limit     | none             | 10             | 1              | 10             | =      | 1                 | =
 challenge_interval  | no limit         | 5 s            | 500 ms         | no limit       | =      | 3 s               | =
 keep_idle           | 7200 s           | =              | =              | =              | =      | =                 | =
 keep_interval       | 75 s             | =              | =              | =              | =      | 1 s               | =
 keep_count          | 9                | =              | =              | 8              | =      | 10                | 5
 delayed_ack         | none             | 200 ms         | 40 ms          | =              | =      | 200 ms            | =
 window_scale_shift  | 0                | 7              | 10             | 6              | =      | 8                 | 0
 timestamps          | off              | on             | =              | =              | =      | off               | =
 sack                | off              | on             | =              | =              | =      | =                 | off
 window_scale        | off              | on             | =              | =              | =      | =                 | off
 receive_buffer      | 4096 octets      | 65535 octets   | 65535 octets   | 65536 octets   | =      | 64240 octets      | 16384 octets
 ports               | 49152 to 65535   | =              | 32768 to 60999 | 10000 to 65535 | =      | 49152 to 65535    | 1025 to 5000
 backlog_percent     | 100              | =              | =              | 150            | 100    | =                 | =
 backlog_extra       | none             | =              | 1              | =              | none   | =                 | =
 linger_unit         | 1 s              | =              | =              | =              | 10 ms  | 1 s               | =
 reset_in_close_wait | ECONNRESET       | =              | EPIPE          | ECONNRESET     | =      | WSAECONNABORTED   | =
 data_given_up       | ETIMEDOUT        | =              | =              | =              | =      | WSAECONNABORTED   | =
 keep_alive_dead     | ETIMEDOUT        | =              | =              | =              | =      | WSAENETRESET      | =
 keep_alive_then     | 0                | =              | =              | =              | =      | WSAECONNRESET     | =
 send_opening        | 0                | =              | EAGAIN         | ENOTCONN       | =      | WSAENOTCONN       | =
 receive_opening     | 0                | =              | =              | =              | =      | WSAENOTCONN       | =
 accept_reset        | ECONNABORTED     | =              | =              | =              | =      | WSAECONNRESET     | =
 connect_listening   | EOPNOTSUPP       | =              | EISCONN        | EOPNOTSUPP     | =      | WSAEINVAL         | =
 tuple_taken         | EADDRINUSE       | =              | EADDRNOTAVAIL  | EADDRINUSE     | =      | WSAEADDRINUSE     | =
 ports_exhausted     | EADDRNOTAVAIL    | =              | =              | =              | =      | WSAENOBUFS        | =
 bind_exhausted      | EADDRINUSE       | =              | =              | EADDRNOTAVAIL  | =      | WSAENOBUFS        | =
 linger_expired      | 0                | =              | =              | EAGAIN         | 0      | 0                 | =`

func TestProfileNumbers(t *testing.T) {
	parameters := map[string]Parameter{}
	for _, p := range Parameters() {
		parameters[p.Name] = p
	}
	var profiles []string
	for _, line := range strings.Split(profileNumbers, "\n")[1:] {
		row := strings.Split(line, "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		if row[0] == "" {
			profiles = row
			continue
		}
		require.Len(t, row, len(profiles), row[0])
		p, ok := parameters[row[0]]
		require.True(t, ok, row[0])
		for i, want := range row {
			if i == 0 {
				continue
			}
			if want == "=" {
				row[i] = row[i-1]
				want = row[i]
			}
			sys, _ := Profile(profiles[i])
			require.Equal(t, want, p.Value(&sys), "%s under %s", p.Name, profiles[i])
		}
	}
	require.ElementsMatch(t, Profiles(), profiles[1:])
}

// The switches that are on, by profile: those of the sockets.
func TestProfileSwitches(t *testing.T) {
	bsd := "half_duplex_close end_after_reset error_before_end pipe_when_dead shut_discards time_wait_oldest " +
		"shutdown_fin_later shutdown_after_end partial_send_fails fin_wait_2_shut r2_counts rounded_buffer listen_text_dropped " +
		"dsack dsack_at_once"
	windows := "reset_unread half_duplex_close reset_flushes error_sticky shut_is_error linger_refuses linger_resets " +
		"r2_counts partial_send_fails linger_zero_first exit_resets bind_winsock ports_unshared refuses_when_full winsock"
	for name, want := range map[string]string{
		"rfc793":  "reset_flushes",
		"rfc9293": "reset_unread half_duplex_close reset_flushes scale_by_buffer",
		"linux": "loss_probe scale_by_buffer reset_unread half_duplex_close refused_in_syn_sent error_before_pipe end_after_reset time_wait_apart " +
			"linger_off_is_zero linger_blocks bind_both_reuse calls_hold_socket accept_queue_only shutdown_drops_syn_sent " +
			"shutdown_stops_listener accepts_dead ack_adapts user_timeout_from_repeat fin_wait_2_by_rto reset_at_sack connect_reports port_parity " +
			"edges_accepted held_fin_covered fin_ack_apart sack_on_all dsack minshall whole_segments override_by_rto cwnd_in_segments " +
			"push_bursts repeats_as_sent repeat_in_closed_window idle_by_ack shutdown_fin_later keep_alive_user_timeout more_once " +
			"exit_from_last embryos_limited syn_cookies embryos_stay wakes_together wakes_last poll_holds_socket soft_error_told embryo_icmp shutdown_sticks disconnect_pipe connect_times peek_waits " +
			"buffers_doubled option_limits",
		"freebsd": bsd + " accept_queue_only abort_on_overflow answers_when_full shutdown_wakes_accept calls_hold_socket keep_alive_ends",
		"darwin":  bsd + " reset_unread reset_held",
		"windows": windows + " scale_by_buffer", "windows2000": windows + " bind_hijack",
	} {
		sys, _ := Profile(name)
		var on []string
		for _, s := range socketSwitches {
			if *s.at(&sys) {
				on = append(on, s.name)
			}
		}
		require.ElementsMatch(t, strings.Fields(want), on, name)
	}
}

// The names and numbers of Winsock's errors, and the names of POSIX under the others.
func TestWinsockNames(t *testing.T) {
	windows, rfc := Windows(), RFC9293()
	for e, want := range map[Errno]struct {
		name   string
		number int
	}{
		ECONNREFUSED: {"WSAECONNREFUSED", 10061}, ECONNRESET: {"WSAECONNRESET", 10054}, ECONNABORTED: {"WSAECONNABORTED", 10053},
		ETIMEDOUT: {"WSAETIMEDOUT", 10060}, ENETRESET: {"WSAENETRESET", 10052}, ESHUTDOWN: {"WSAESHUTDOWN", 10058},
		EPIPE: {"WSAESHUTDOWN", 10058}, ENOTCONN: {"WSAENOTCONN", 10057}, EBADF: {"WSAENOTSOCK", 10038}, EISCONN: {"WSAEISCONN", 10056},
		EALREADY: {"WSAEALREADY", 10037}, EADDRINUSE: {"WSAEADDRINUSE", 10048}, EAGAIN: {"WSAEWOULDBLOCK", 10035},
		EWOULDBLOCK: {"WSAEWOULDBLOCK", 10035}, EINPROGRESS: {"WSAEWOULDBLOCK", 10035}, ENOBUFS: {"WSAENOBUFS", 10055},
		EACCES: {"WSAEACCES", 10013}, EADDRNOTAVAIL: {"WSAEADDRNOTAVAIL", 10049}, EINVAL: {"WSAEINVAL", 10022},
		ENOPROTOOPT: {"WSAENOPROTOOPT", 10042}, EMFILE: {"WSAEMFILE", 10024},
	} {
		require.Equal(t, want.name, windows.ErrnoName(e))
		require.Equal(t, want.number, winsockNames[e].number, want.name)
		require.Equal(t, e.String(), rfc.ErrnoName(e))
		got, err := ParseErrno(want.name)
		require.NoError(t, err)
		require.True(t, windows.SameError(e, got), "%v is read as %v", want.name, got)
	}
	require.Equal(t, "OK", windows.ErrnoName(OK))
	require.True(t, windows.SameError(EAGAIN, EINPROGRESS), "one name")
	require.False(t, rfc.SameError(EAGAIN, EINPROGRESS))
	require.True(t, rfc.SameError(EAGAIN, EWOULDBLOCK))
	require.False(t, windows.SameError(ECONNRESET, ECONNABORTED))
	for e := EACCES; e <= EWOULDBLOCK; e++ {
		require.NotEmpty(t, winsockNames[e].name, "%v has no name", e)
	}
}

// Winsock raises no signal.
func TestWinsockNoSignal(t *testing.T) {
	tn := newTestNet(t, under(Windows()), system(func(s *System) { s.ShutIsError = false }))
	_, sfd := tn.connected()
	tn.want(tn.server.shutdown(sfd, ShutWr), "0")
	c := tn.server.send(sfd, 1)
	tn.want(c, "-1 WSAESHUTDOWN")
	require.False(t, c.SigPipe)
}
