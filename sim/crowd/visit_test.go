package crowd

import (
	"flag"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// calm is a crowd to which nothing happens: a client every second.
func calm(change func(*Spec)) Spec {
	s := base()
	s.Name, s.Title = "calm", "a client every second"
	s.Clients, s.Duration, s.Every, s.Even = 600, 10*time.Minute, time.Minute, true
	s.After = 10 * time.Minute
	if change != nil {
		change(&s)
	}
	return s
}

// Whoever closes first, whatever is sent: all are answered, and nothing stays
// but the listener.
func TestVisits(t *testing.T) {
	for name, change := range map[string]func(*Spec){
		"client first":        nil,
		"server first":        func(s *Spec) { s.First = Server },
		"no text":             func(s *Spec) { s.Request, s.Reply = 0, 0 },
		"no text, server":     func(s *Spec) { s.Request, s.Reply, s.First = 0, 0, Server },
		"no reply":            func(s *Spec) { s.Reply = 0 },
		"no request":          func(s *Spec) { s.Request, s.First = 0, Server },
		"megabytes":           func(s *Spec) { s.Clients, s.Request, s.Reply = 5, 3<<20, 5<<20 },
		"the reply takes 5 s": func(s *Spec) { s.Serve = 5 * time.Second },
		"no delay":            func(s *Spec) { s.Delay = 0 },
		"linger": func(s *Spec) {
			s.Linger, s.ClientLinger = sim.Linger{On: true, Seconds: 3}, sim.Linger{On: true, Seconds: 3}
		},
		"rfc793":      func(s *Spec) { s.Profile = "rfc793" },
		"all at once": func(s *Spec) { s.Duration, s.Backlog = time.Millisecond, 1000 },
	} {
		r := play(t, calm(change))
		require.Empty(t, r.Failures, name)
		require.Equal(t, r.Arrived, r.Answered, name)
		want := Census{Descriptors: 4}
		want.States[fsm.Listen] = 1
		require.Equal(t, want, r.last().Hosts[Server], name)
		require.Equal(t, Census{Descriptors: 3}, r.last().Hosts[Client], name)
	}
}

// With a pool one connection serves all who come one after the other.
func TestPool(t *testing.T) {
	r := play(t, calm(func(s *Spec) { s.Pool = 4 }))
	require.Empty(t, r.Failures)
	require.Equal(t, r.Arrived, r.Answered)
	at := r.at(t, 5*time.Minute)
	require.Equal(t, 1, at.Hosts[Client].States[fsm.Established]+at.Hosts[Client].States[fsm.SynSent])
	require.Zero(t, at.Hosts[Client].States[fsm.TimeWait])
	require.Zero(t, r.last().Hosts[Client].States[fsm.Established], "idle for too long")

	// Replies take five visits' time: five connections, of which four are kept.
	r = play(t, calm(func(s *Spec) { s.Pool, s.Serve = 4, 5*time.Second }))
	require.Empty(t, r.Failures)
	require.Equal(t, r.Arrived, r.Answered)
	require.GreaterOrEqual(t, r.at(t, 5*time.Minute).Hosts[Client].States[fsm.Established], 5)
}

// A connection for which the pool has no room is closed by the client, although
// the server is the one that closes idle ones.
func TestPoolIsFull(t *testing.T) {
	r := play(t, calm(func(s *Spec) {
		s.Pool, s.First, s.Clients, s.Duration, s.Idle = 2, Server, 5, time.Millisecond, time.Hour
	}))
	require.Equal(t, 5, r.Answered)
	require.Equal(t, 2, r.last().Hosts[Client].States[fsm.Established])
	require.Equal(t, 2+standardStreams, r.last().Hosts[Client].Descriptors)
}

// A connection whose request is being served is not idle: the reply comes after
// the time at which an idle one would have been closed.
func TestServingIsNotIdle(t *testing.T) {
	r := play(t, calm(func(s *Spec) {
		s.Pool, s.First, s.Serve, s.Idle = 1, Server, 20*time.Second, time.Minute
		s.Clients, s.Duration = 8, 8*70*time.Second
	}))
	require.Empty(t, r.Failures)
	require.Equal(t, 8, r.Answered)
	require.Equal(t, 1, r.at(t, 5*time.Minute).Hosts[Client].States[fsm.Established])
}

// The server closes what is idle. A client that uses a connection while the FIN
// is on its way loses its request: the race that every pool has. Here the server
// has answered after 30 ms, closes 5 ms before the next client comes, and its
// FIN comes 5 ms after it.
func TestPoolRace(t *testing.T) {
	r := play(t, calm(func(s *Spec) {
		s.Pool, s.First, s.Clients, s.Duration, s.Idle = 1, Server, 10, 10*time.Minute, time.Minute-35*time.Millisecond
	}))
	require.NotEmpty(t, r.Failures)
	f := r.First()
	require.Equal(t, "client: read: EOF", (&Failure{Side: f.Side, Call: f.Call, Error: f.Error}).String())
	require.Equal(t, "the server closed the connection while the client waited for its reply", f.Cause)
	// Idle long enough, or not at all: no race.
	for _, idle := range []time.Duration{30 * time.Second, 2 * time.Minute} {
		r := play(t, calm(func(s *Spec) {
			s.Pool, s.First, s.Clients, s.Duration, s.Idle = 1, Server, 10, 10*time.Minute, idle
		}))
		require.Empty(t, r.Failures, "%v", idle)
		require.Equal(t, r.Arrived, r.Answered)
	}
}

// More SYNs than the queue takes: they are dropped, sent again, and answered in
// the end.
func TestOverflow(t *testing.T) {
	r := play(t, calm(func(s *Spec) { s.Clients, s.Duration, s.Backlog = 200, time.Millisecond, 10 }))
	r.wantFirst(t, r.First().At, Server, "listen", overflow, 0)
	require.Equal(t, "more clients came at once than the listen queue takes, 10", r.First().Cause)
	require.Regexp(t, `^server: listen queue overflow, \d+ times$`, r.First().String())
	require.Less(t, r.First().At, fsm.Time(12*time.Millisecond))
	require.Positive(t, r.Answered)
}

// More at once than there are descriptors: no leak, and the cause says so.
func TestBusy(t *testing.T) {
	r := play(t, calm(func(s *Spec) { s.Serve, s.Descriptors, s.Timeout = time.Minute, 20, 10*time.Minute }))
	require.Equal(t, "EMFILE", r.First().Error)
	require.Equal(t, Server, r.First().Side)
	require.Equal(t, "the server's process holds all its 20 descriptors: 16 are in use at once", r.First().Cause)
}

// When a descriptor becomes free, the next connection is accepted, though no
// other comes.
func TestAcceptAgain(t *testing.T) {
	r := play(t, calm(func(s *Spec) {
		s.Clients, s.Duration, s.Serve, s.Descriptors = 16, time.Millisecond, time.Second, 20
	}))
	require.Empty(t, r.Failures)
	require.Equal(t, 16, r.Answered)
	// The client has one descriptor more for connections than the server, which
	// listens.
	r = play(t, calm(func(s *Spec) { s.Clients, s.Duration, s.Serve, s.Descriptors = 17, time.Millisecond, time.Second, 20 }))
	require.Len(t, r.Failures, 1)
	require.Equal(t, "server: accept: EMFILE", r.First().String())
	require.Equal(t, 17, r.Answered)
}

// A client that waits no longer closes, and what it asked for comes too late.
func TestTimeout(t *testing.T) {
	r := play(t, calm(func(s *Spec) { s.Serve, s.Timeout = time.Minute, 10*time.Second }))
	require.Len(t, r.Failures, 1)
	require.Equal(t, "client: read: timeout, client 1, 600 times", r.First().String())
	require.Zero(t, r.Answered)
	require.Equal(t, 4, r.last().Hosts[Server].Descriptors)
}

// Whatever is played: what arrived is answered, failed or under way; the
// descriptors that a program counts are those that its process has; and when
// all is over, nothing of a server that closes is left.
func TestAnyCrowd(t *testing.T) {
	require.NoError(t, flag.Set("rapid.nofailfile", "true"))
	rapid.Check(t, func(t *rapid.T) {
		length := func(name string, most time.Duration) time.Duration {
			return time.Duration(rapid.Int64Range(1, int64(most/time.Millisecond)).Draw(t, name)) * time.Millisecond
		}
		s := base()
		s.Seed = rapid.Uint64().Draw(t, "seed")
		s.Profile = rapid.SampledFrom(sim.Profiles()).Draw(t, "profile")
		s.Clients = rapid.IntRange(1, 60).Draw(t, "clients")
		s.Duration = length("duration", time.Minute)
		s.Even = rapid.Bool().Draw(t, "even")
		s.After, s.Every = 30*time.Minute, time.Minute
		s.Request = rapid.SampledFrom([]int{0, 1, 100, 5000}).Draw(t, "request")
		s.Reply = rapid.SampledFrom([]int{0, 1, 1000, 100_000}).Draw(t, "reply")
		s.Serve = rapid.SampledFrom([]time.Duration{0, time.Millisecond, time.Second}).Draw(t, "serve")
		if s.Request > 0 {
			s.Pool = rapid.IntRange(0, 3).Draw(t, "pool")
		}
		s.Idle, s.Timeout = length("idle", time.Minute), length("timeout", time.Minute)
		s.First = Side(rapid.IntRange(0, 1).Draw(t, "first"))
		s.OnEOF = rapid.SampledFrom([]OnEOF{Close, Leak, Late}).Draw(t, "on-eof")
		s.Share = rapid.Float64Range(0, 1).Draw(t, "share")
		s.Late = length("late", time.Minute)
		s.Linger = sim.Linger{On: rapid.Bool().Draw(t, "linger"), Seconds: rapid.Uint16Range(0, 2).Draw(t, "seconds")}
		s.ClientLinger = sim.Linger{On: rapid.Bool().Draw(t, "client-linger"), Seconds: rapid.Uint16Range(0, 2).Draw(t, "client-seconds")}
		s.ReuseAddr = rapid.Bool().Draw(t, "reuseaddr")
		s.PortHi = s.PortLo + rapid.Uint16Range(1, 100).Draw(t, "ports")
		s.Descriptors = rapid.IntRange(5, 100).Draw(t, "descriptors")
		s.Backlog = rapid.IntRange(1, 100).Draw(t, "backlog")
		s.Delay = rapid.SampledFrom([]time.Duration{time.Millisecond, 10 * time.Millisecond, time.Second}).Draw(t, "delay")
		if rapid.Bool().Draw(t, "restarts") {
			s.Restart = length("restart", s.Duration)
		}
		w, err := newWorld(&s)
		require.NoError(t, err)
		require.NoError(t, w.play())
		r := w.result
		require.Equal(t, s.Clients, r.Arrived)
		require.LessOrEqual(t, r.Answered+r.Failed, r.Arrived)
		for _, side := range []Side{Client, Server} {
			p := w.party(side)
			used := standardStreams
			for fd := range p.ends {
				if _, err := p.do(sim.Call{Op: sim.OpGetFlags, FD: fd + standardStreams}); err == sim.OK {
					used++
					require.NotEqual(t, free, p.ends[fd].phase)
				} else {
					require.Equal(t, free, p.ends[fd].phase)
				}
			}
			require.Equal(t, used, p.open)
		}
		if s.OnEOF != Leak {
			require.Equal(t, standardStreams+1, r.last().Hosts[Server].Descriptors)
			require.Equal(t, standardStreams, r.last().Hosts[Client].Descriptors)
			require.Equal(t, r.Arrived, r.Answered+r.Failed)
		}
	})
}
