package crowd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// play plays a crowd, which must be one.
func play(t *testing.T, s Spec) *Result {
	t.Helper()
	r, err := Run(s)
	require.NoError(t, err)
	require.Equal(t, s.Clients, r.Arrived)
	return r
}

// ready gives a ready-made crowd, changed.
func ready(t *testing.T, name string, change func(*Spec)) Spec {
	t.Helper()
	s, ok := Find(name)
	require.True(t, ok)
	if change != nil {
		change(&s)
	}
	return s
}

func (r *Result) last() *Sample { return &r.Samples[len(r.Samples)-1] }

// at gives the sample of an instant.
func (r *Result) at(t *testing.T, d time.Duration) *Sample {
	t.Helper()
	for i := range r.Samples {
		if r.Samples[i].At == fsm.Time(d) {
			return &r.Samples[i]
		}
	}
	require.Fail(t, "no sample", "at %v", d)
	return nil
}

// wantFirst wants the first failure to be this.
func (r *Result) wantFirst(t *testing.T, at fsm.Time, side Side, call, err string, client int) {
	t.Helper()
	require.NotNil(t, r.First())
	got := *r.First()
	got.Cause, got.Count = "", 0
	require.Equal(t, Failure{At: at, Side: side, Call: call, Error: err, Client: client}, got)
}

// A server that never closes has one connection in CLOSE-WAIT for each client
// that came, until it has no descriptor left: three are the standard streams, and
// one is the listener's.
func TestCloseWaitLeak(t *testing.T) {
	s := ready(t, "close-wait-leak", func(s *Spec) { s.Even = true })
	r := play(t, s)
	room := s.Descriptors - standardStreams - 1
	interval := fsm.Time(s.Duration) / fsm.Time(s.Clients)
	for _, at := range r.Samples {
		if at.Arrived > room {
			continue
		}
		fresh := 0 // the client of this very instant has not connected yet
		if at.Arrived > 0 && at.At%interval == 0 {
			fresh = 1
		}
		require.Equal(t, at.Arrived-fresh, at.Hosts[Server].States[fsm.CloseWait], "at %v", at.At)
		require.Equal(t, at.Arrived-fresh, at.Hosts[Client].States[fsm.FinWait2], "at %v", at.At)
		require.Equal(t, at.Arrived-fresh+4, at.Hosts[Server].Descriptors)
		require.Zero(t, at.Failed)
	}
	// The handshake takes three times the delay.
	r.wantFirst(t, fsm.Time(room)*interval+3*fsm.Time(s.Delay), Server, "accept", "EMFILE", 0)
	require.Equal(t, "the server's process holds all its 4096 descriptors: 4092 are in CLOSE-WAIT, "+
		"as the client has closed and the server's program has not", r.First().Cause)
	require.Equal(t, s.Descriptors, r.last().Hosts[Server].Descriptors)
	// TCP takes as many again as the queue holds. Their clients give up and close.
	require.Equal(t, room+s.Backlog, r.last().Hosts[Server].States[fsm.CloseWait])
	require.Equal(t, room, r.Answered)
}

// What does not cure it, to the socket: every instant of the day is the same.
func TestCloseWaitLeakIsNotCured(t *testing.T) {
	sick := play(t, ready(t, "close-wait-leak", nil))
	for name, change := range map[string]func(*Spec){
		"SO_REUSEADDR":   func(s *Spec) { s.ReuseAddr = true },
		"SO_LINGER 0":    func(s *Spec) { s.Linger = sim.Linger{On: true} },
		"SO_LINGER 5":    func(s *Spec) { s.Linger = sim.Linger{On: true, Seconds: 5} },
		"more ports":     func(s *Spec) { s.PortLo = 1024 },
		"short TIMEWAIT": func(s *Spec) { s.Sysctl = []string{"net.inet.tcp.msl=500"} },
	} {
		r := play(t, ready(t, "close-wait-leak", change))
		if name != "more ports" { // which draws other ports, and other numbers
			require.Equal(t, sick.Samples, r.Samples, name)
		}
		require.Equal(t, sick.First(), r.First(), name)
	}
}

// A client that resets leaves no connection behind, and the descriptors leak all
// the same: at the same client, with nothing to be seen in the states.
func TestClientLingerZeroHidesTheLeak(t *testing.T) {
	r := play(t, ready(t, "close-wait-leak", func(s *Spec) { s.ClientLinger = sim.Linger{On: true} }))
	sick := play(t, ready(t, "close-wait-leak", nil))
	require.Equal(t, sick.First().At, r.First().At)
	require.Equal(t, "EMFILE", r.First().Error)
	require.Equal(t, "the server's process holds all its 4096 descriptors: 4092 are of connections that are over, "+
		"reset by the client, and that the server's program has not closed", r.First().Cause)
	for _, at := range r.Samples {
		require.LessOrEqual(t, at.Hosts[Server].States[fsm.CloseWait], 1)
	}
}

// A larger limit only moves the day.
func TestMoreDescriptorsOnlyTakeLonger(t *testing.T) {
	var before fsm.Time
	for _, n := range []int{256, 1024, 8192} {
		s := ready(t, "close-wait-leak", func(s *Spec) { s.Descriptors, s.Even = n, true })
		r := play(t, s)
		at := fsm.Time(n-4)*fsm.Time(s.Duration)/fsm.Time(s.Clients) + fsm.Time(3*s.Delay)
		r.wantFirst(t, at, Server, "accept", "EMFILE", 0)
		require.Greater(t, at, before)
		before = at
	}
}

// What cures it: close() when read returns 0.
func TestClosingOnReadZeroCures(t *testing.T) {
	r := play(t, ready(t, "close-wait-leak", func(s *Spec) { s.OnEOF, s.After = Close, 5*time.Minute }))
	require.Empty(t, r.Failures)
	require.Equal(t, r.Arrived, r.Answered)
	for _, at := range r.Samples {
		require.LessOrEqual(t, at.Hosts[Server].States[fsm.CloseWait], 1)
		require.LessOrEqual(t, at.Hosts[Server].Descriptors, 4+3)
	}
	want := Census{Descriptors: 4}
	want.States[fsm.Listen] = 1
	require.Equal(t, want, r.last().Hosts[Server])
	require.Equal(t, Census{Descriptors: 3}, r.last().Hosts[Client])
}

// A server that closes late has as many in CLOSE-WAIT as clients come meanwhile
// (Little's law), and no more.
func TestClosingLate(t *testing.T) {
	s := ready(t, "close-wait-leak", func(s *Spec) { s.OnEOF, s.Late, s.Even = Late, 10*time.Minute, true })
	r := play(t, s)
	require.Empty(t, r.Failures)
	want := int(int64(s.Late) * int64(s.Clients) / int64(s.Duration))
	for _, at := range r.Samples[1:] {
		require.InDelta(t, want, at.Hosts[Server].States[fsm.CloseWait], 1, "at %v", at.At)
	}
}

// One connection in a hundred is enough, a hundred times as slowly.
func TestLeakOnAShare(t *testing.T) {
	s := ready(t, "close-wait-leak", func(s *Spec) { s.Share, s.After = 0.01, 5*time.Minute })
	r := play(t, s)
	leaked := r.last().Hosts[Server].States[fsm.CloseWait]
	require.InDelta(t, 100, leaked, 40)
	require.Equal(t, 4+leaked, r.last().Hosts[Server].Descriptors)
	before := 0
	for _, at := range r.Samples { // what is in CLOSE-WAIT once stays
		require.GreaterOrEqual(t, at.Hosts[Server].States[fsm.CloseWait]+1, before)
		before = at.Hosts[Server].States[fsm.CloseWait]
	}
	s.Share = 0
	r = play(t, s)
	require.Empty(t, r.Failures)
	require.Zero(t, r.last().Hosts[Server].States[fsm.CloseWait])
}

// A restart closes what the process had open, and the leak begins anew.
func TestRestartPutsTheLeakOff(t *testing.T) {
	r := play(t, ready(t, "close-wait-leak", func(s *Spec) {
		s.Restart, s.Every, s.ReuseAddr, s.Even = 6*time.Hour, 30*time.Minute, true, true
	}))
	require.Greater(t, r.at(t, 6*time.Hour-30*time.Minute).Hosts[Server].States[fsm.CloseWait], 2000)
	require.Less(t, r.at(t, 6*time.Hour+30*time.Minute).Hosts[Server].States[fsm.CloseWait], 300)
	require.Greater(t, r.at(t, 15*time.Hour).Hosts[Server].States[fsm.CloseWait], 3000)
}

// The client that does not close when the server does is short of descriptors
// itself: at socket().
func TestClientLeaks(t *testing.T) {
	r := play(t, ready(t, "close-wait-leak", func(s *Spec) { s.First, s.Descriptors, s.Even = Server, 64, true }))
	first := 64 - standardStreams + 1
	s := r.Spec
	r.wantFirst(t, fsm.Time(first-1)*fsm.Time(s.Duration)/fsm.Time(s.Clients), Client, "socket", "EMFILE", first)
	require.Equal(t, "the client's process holds all its 64 descriptors: 61 are in CLOSE-WAIT, "+
		"as the server has closed and the client's program has not", r.First().Cause)
	require.Equal(t, first-1, r.last().Hosts[Client].States[fsm.CloseWait])
}
