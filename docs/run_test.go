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
//
// A call goes by one name: recv() is read(), send() write(), closesocket() close().
// Errors have their system's names.
type run struct {
	t       *testing.T
	profile string
	net     *sim.Network
	lines   []line
}

type line struct {
	text string
	full string // a call with all its arguments
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
		l.text, l.full, l.took = answer(rec.Call), rec.Call.Text, rec.Call.Ended.Sub(rec.Call.Started)
	default:
		return
	}
	l.text = r.net.Host(rec.Host).Name + " " + l.text
	r.lines = append(r.lines, l)
}

// answer writes a call with its first argument and what it returned.
func answer(c *sim.Call) string {
	name, arguments, _ := strings.Cut(c.Text, "(")
	if plain, ok := plainNames[name]; ok {
		name = plain
	}
	if end := strings.IndexAny(arguments, ",)"); end >= 0 {
		arguments = arguments[:end]
	}
	if c.Err != sim.OK {
		return fmt.Sprintf("%s(%s) = -1 %s", name, arguments, c.ErrName())
	}
	return fmt.Sprintf("%s(%s) = %d", name, arguments, c.Result)
}

var plainNames = map[string]string{"recv": "read", "send": "write", "closesocket": "close"}

// Profiles that often do alike.
const (
	rfcs     = "rfc9293 rfc793 "
	bsds     = "freebsd darwin "
	winsocks = "windows windows2000 "
	systems  = "linux " + bsds + winsocks
)

// by picks what is true under the run's profile: the one entry whose key has its name.
func by[T any](r *run, truths map[string]T) T {
	r.t.Helper()
	var found []T
	for names, truth := range truths {
		if slices.Contains(strings.Fields(names), r.profile) {
			found = append(found, truth)
		}
	}
	require.Len(r.t, found, 1, "what is true under %s", r.profile)
	return found[0]
}

// reset is the RST of a user who aborts: systems send it with an ACK.
func (r *run) reset(seq, ack int) string {
	return by(r, map[string]string{
		rfcs:    fmt.Sprintf("R %d:%d(0)", seq, seq),
		systems: fmt.Sprintf("R. %d:%d(0) ack %d", seq, seq, ack),
	})
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

// after is how long it took from one line to the next such line behind it.
func (r *run) after(first, then string) time.Duration {
	r.t.Helper()
	return r.order(first, then).at.Sub(r.order(first).at)
}

// never wants that no line begins so.
func (r *run) never(text string) {
	r.t.Helper()
	for _, l := range r.lines {
		require.False(r.t, strings.HasPrefix(l.text, text), "%s: %s", r.profile, l.text)
	}
}

// called wants a call with exactly these arguments.
func (r *run) called(full string) {
	r.t.Helper()
	require.True(r.t, slices.ContainsFunc(r.lines, func(l line) bool { return l.full == full }), "%s: no %s", r.profile, full)
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
