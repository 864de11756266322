package compare

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// Where no parameter makes a difference, the rules are named where the runs part.
func TestParting(t *testing.T) {
	s := scenario(t, "blind-syn-in-window")
	traces, err := playAll(s, rfcs, "rfc9293")
	require.NoError(t, err)
	l := newLab(s, "rfc9293", traces)
	l.trials[1].changes = nil   // as if nothing were known to differ
	lane := &traces[1].lanes[2] // each host may also send to itself
	require.Equal(t, "server > client", lane.place)
	c, err := l.cause(2, nil, &lane.items[len(lane.items)-1], 1)
	require.NoError(t, err)
	require.Empty(t, c.Switches)
	cmp := Comparison{Profiles: rfcs}
	require.Equal(t, "no switch makes it; the runs part where rfc9293 has syn-challenged at 0.230000 s at server "+
		"and rfc793 has syn-in-window-reset at 0.230000 s at server", cmp.because(&c))
}

// A host that the script gives its own profile keeps it, in the experiments too.
func TestPinnedHost(t *testing.T) {
	sc, _ := scenarios.Find("blind-syn-in-window")
	s, err := script.Parse("pinned.pkt", []byte("--client_profile=rfc793\n--server_profile=rfc9293\n"+string(sc.Text)))
	require.NoError(t, err)
	c, err := Of(s, rfcs, "")
	require.NoError(t, err)
	for _, sec := range c.Sections {
		for _, r := range sec.Rows {
			require.Zero(t, r.Number, "%s: %s", sec.heading(), sec.row(&r))
		}
	}
}

// A run that goes on for ever is cut off, and that is said.
func TestStopped(t *testing.T) {
	if raced {
		t.Skip("one long run after the other")
	}
	sc, _ := scenarios.Find("second-fin-in-closing")
	s, err := script.Parse("endless.pkt", []byte(string(sc.Text)+"+9999 client tcp_states() = {}\n"))
	require.NoError(t, err)
	c, err := Of(s, rfcs, "")
	require.NoError(t, err)
	require.Empty(t, c.Stopped[0])
	require.Contains(t, c.Stopped[1], "no end after 100000 simulated events")
	require.Contains(t, strings.Join(c.told(), "\n"), "rfc793: stopped: no end")
	require.Contains(t, printed(t, c), "by time_wait_any_ack")
}

// A script in error is an error, not a difference.
func TestScriptInError(t *testing.T) {
	s, err := script.Parse("bad.pkt", []byte("--hosts=a,b\n+0 a sokcet(1, 2, 3) = 3\n"))
	require.NoError(t, err)
	_, err = Of(s, rfcs, "")
	require.EqualError(t, err, `bad.pkt:2:6: unknown call "sokcet" (did you mean "socket"?)`)
}

// All that a system has is a parameter: setting every one of them makes one system
// the other.
func TestParameters(t *testing.T) {
	a, b := sim.RFC9293(), sim.RFC793()
	names := map[string]bool{}
	for _, p := range parameters(&a) {
		require.False(t, names[p.name], "%s twice", p.name)
		names[p.name] = true
	}
	for _, name := range []string{"rfc1337", "time_wait", "rto_min", "r2_syn", "reset_unread", "ports", "backlog_extra"} {
		require.True(t, names[name], name)
	}
	for _, p := range changes(&a, &b) {
		p.copyTo(&a)
	}
	a.TCP.Name = b.TCP.Name
	require.Equal(t, b, a)
	require.Empty(t, changes(&a, &b))
}

// Each parameter in which a profile differs from another goes by the name under
// which "tcpsim profiles" has it, with its value and its source.
func TestParametersAreDescribed(t *testing.T) {
	a := sim.RFC9293()
	for _, name := range sim.Profiles()[1:] {
		b, _ := sim.Profile(name)
		for _, p := range changes(&a, &b) {
			value, source := shown(p.name, &b)
			require.NotEmpty(t, value, "%s: %s", name, p.name)
			require.NotEmpty(t, source, "%s: %s", name, p.name)
		}
	}
}
