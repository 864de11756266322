package docs

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
)

// run is what happened when a scenario was played, a line each in the words of
// scripts and ladders:
//
//	client > F. 1:1(0) ack 1    the client sent this segment
//	server < F. 1:1(0) ack 1    it reached the server
//	server CLOSE-WAIT           the server's connection entered this state
//	server read(4) = 0          the call returned
//	server ! connection reset   the user was signalled
type run struct {
	t       *testing.T
	profile string
	net     *sim.Network
	lines   []line
}

type line struct {
	text string
	at   fsm.Time
	took time.Duration // of a call
}

// state is the state that a connection of the host entered, if the line tells
// of that. A listener's LISTEN is left out.
func (l line) state(host string) (fsm.State, bool) {
	for s := fsm.Closed; s <= fsm.TimeWait; s++ {
		if s != fsm.Listen && l.text == host+" "+s.String() {
			return s, true
		}
	}
	return 0, false
}

// play plays a scenario under a profile. It must pass.
func play(t *testing.T, s scenarios.Scenario, profile string) *run {
	t.Helper()
	r := &run{t: t, profile: profile}
	o := scenarios.PlayUnder(s.Script, profile, scenarios.Config{Attach: func(n *sim.Network, _ scenarios.Run) error {
		r.net = n
		n.Listen(r.record, sim.Sent, sim.Arrived, sim.Moved, sim.Returned, sim.Signalled)
		return nil
	}})
	require.Equal(t, scenarios.Pass, o.Status, "%v", &o)
	return r
}

func (r *run) record(rec *sim.Record) {
	l := line{at: rec.At}
	switch rec.Kind {
	case sim.Sent:
		l.text = "> " + rec.Packet.Relative().Header()
	case sim.Arrived:
		l.text = "< " + rec.Packet.Relative().Header()
	case sim.Moved:
		l.text = rec.To.String()
	case sim.Signalled:
		l.text = "! " + rec.Result.String()
	case sim.Returned:
		l.text, l.took = answer(rec.Call), rec.Call.Ended.Sub(rec.Call.Started)
	default:
		return
	}
	l.text = r.net.Host(rec.Host).Name + " " + l.text
	r.lines = append(r.lines, l)
}

// answer writes a call with its first argument and what it returned.
func answer(c *sim.Call) string {
	text := c.Text
	if end := strings.IndexAny(text, ",)"); end >= 0 {
		text = text[:end] + ")"
	}
	if c.Err != sim.OK {
		return fmt.Sprintf("%s = -1 %v", text, c.Err)
	}
	return fmt.Sprintf("%s = %d", text, c.Result)
}

// order wants these lines in this order; others may stand between. It gives the
// last of them.
func (r *run) order(want ...string) line {
	r.t.Helper()
	next := 0
	var found line
	for _, w := range want {
		k := slices.IndexFunc(r.lines[next:], func(l line) bool { return l.text == w })
		require.GreaterOrEqual(r.t, k, 0, "%s: no %q behind the lines before it:\n%s", r.profile, w, r)
		found = r.lines[next+k]
		next += k + 1
	}
	return found
}

// together wants these lines one directly behind the other.
func (r *run) together(want ...string) {
	r.t.Helper()
	var texts []string
	for _, l := range r.lines {
		texts = append(texts, l.text)
	}
	require.Contains(r.t, strings.Join(texts, "\n")+"\n", strings.Join(want, "\n")+"\n", r.profile)
}

// went wants exactly these states of a host that has one connection.
func (r *run) went(host string, states ...fsm.State) {
	r.t.Helper()
	var got []fsm.State
	for _, l := range r.lines {
		if s, ok := l.state(host); ok {
			got = append(got, s)
		}
	}
	require.Equal(r.t, states, got, "%s: %s", r.profile, host)
}

// closing wants exactly these segments of both ends from the first FIN or RST on.
func (r *run) closing(want ...string) {
	r.t.Helper()
	var got []string
	for _, l := range r.lines {
		_, seg, sent := strings.Cut(l.text, " > ")
		flags, _, _ := strings.Cut(seg, " ")
		if sent && (got != nil || strings.ContainsAny(flags, "FR")) {
			got = append(got, l.text)
		}
	}
	require.Equal(r.t, want, got, r.profile)
}

// left wants exactly these connections of a host when the scenario is over.
func (r *run) left(host string, want map[fsm.State]int) {
	r.t.Helper()
	require.Equal(r.t, want, r.host(host).States(), "%s: %s", r.profile, host)
}

// forever wants that nothing more can happen by itself, at whatever time: no
// timer runs and nothing is on its way.
func (r *run) forever() {
	r.t.Helper()
	before := len(r.lines)
	require.NoError(r.t, r.net.Run(fsm.Never, 1000))
	require.Len(r.t, r.lines, before, "%s: something happened by itself", r.profile)
}

func (r *run) host(name string) *sim.Host {
	for _, h := range r.net.Hosts() {
		if h.Name == name {
			return h
		}
	}
	require.Fail(r.t, "no host "+name)
	return nil
}

func (r *run) String() string {
	var b strings.Builder
	for _, l := range r.lines {
		fmt.Fprintf(&b, "%v %s\n", l.at, l.text)
	}
	return b.String()
}
