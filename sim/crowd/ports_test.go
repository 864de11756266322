package crowd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// Each client takes a port for a TIME-WAIT: if more come meanwhile than there
// are ports, the first that finds none is the one after the last port.
func TestTimeWaitExhaustion(t *testing.T) {
	// An eighth of the ready-made one: a search for a port among none that are
	// free takes its time.
	s := ready(t, "time-wait-exhaustion", func(s *Spec) {
		s.Even, s.Clients, s.PortHi = true, 6000, s.PortLo+2047
	})
	r := play(t, s)
	ports := int(s.PortHi) - int(s.PortLo) + 1
	require.Equal(t, 2048, ports)
	// 2048 ports at 10 a second.
	at := fsm.Time(204800 * time.Millisecond)
	r.wantFirst(t, at, Client, "connect", "EADDRNOTAVAIL", ports+1)
	require.Contains(t, r.First().Cause, "the client has 2048 ephemeral ports (49152-51199), and to the server's address none is free: ")
	require.Contains(t, r.First().Cause, "in TIME-WAIT, which lasts 4m: 10 clients a second take 2400 on average")
	// The first port is free again when its TIME-WAIT is over: four minutes
	// after the FIN of the server, which comes five times the delay after the
	// client's arrival; those between found none.
	require.Equal(t, ports, r.at(t, 4*time.Minute).Answered)
	require.Equal(t, r.at(t, 4*time.Minute).Failed, r.at(t, 4*time.Minute).Arrived-ports)
	require.Greater(t, r.at(t, 4*time.Minute+30*time.Second).Answered, ports)
	require.Equal(t, ports, r.at(t, 4*time.Minute).Hosts[Client].States[fsm.TimeWait])
}

// The limit is ports for the length of TIME-WAIT: just below it nothing fails.
func TestTimeWaitLimit(t *testing.T) {
	const ports = 100
	for _, c := range []struct {
		clients int // in 20 minutes, five times a TIME-WAIT
		fails   bool
	}{{5*ports - 5, false}, {5*ports + 5, true}} {
		r := play(t, ready(t, "time-wait-exhaustion", func(s *Spec) {
			s.Even, s.Clients, s.Duration = true, c.clients, 20*time.Minute
			s.PortLo, s.PortHi = 50000, 50000+ports-1
		}))
		require.Equal(t, c.fails, len(r.Failures) > 0, "%d clients", c.clients)
		if c.fails {
			r.wantFirst(t, fsm.Time(ports)*fsm.Time(r.Spec.Duration)/fsm.Time(c.clients), Client, "connect", "EADDRNOTAVAIL", ports+1)
		}
	}
}

// What cures the want of ports, and what does not.
func TestTimeWaitCures(t *testing.T) {
	for _, c := range []struct {
		name   string
		cured  bool
		change func(*Spec)
	}{
		{"as it is", false, func(*Spec) {}},
		{"SO_REUSEADDR", false, func(s *Spec) { s.ReuseAddr = true }},
		{"SO_LINGER 5", false, func(s *Spec) { s.ClientLinger = sim.Linger{On: true, Seconds: 5} }},
		{"SO_LINGER 0 at the client", true, func(s *Spec) { s.ClientLinger = sim.Linger{On: true} }},
		{"the server closes first", true, func(s *Spec) { s.First = Server }},
		{"a pool", true, func(s *Spec) { s.Pool, s.Idle = 10, time.Hour }},
		{"a second address of the server", true, func(s *Spec) { s.Addresses = 2 }},
		{"a shorter TIME-WAIT", true, func(s *Spec) { s.Sysctl = []string{"net.inet.tcp.msl=30000"} }},
	} {
		r := play(t, ready(t, "time-wait-exhaustion", func(s *Spec) {
			s.Even, s.Clients, s.Duration, s.After = true, 600, 20*time.Minute, time.Minute
			s.PortLo, s.PortHi = 50000, 50099
			c.change(s)
		}))
		if c.cured {
			require.Empty(t, r.Failures, c.name)
			require.Equal(t, r.Arrived, r.Answered, c.name)
			continue
		}
		require.Equal(t, "EADDRNOTAVAIL", r.First().Error, c.name)
		require.Equal(t, 101, r.First().Client, c.name)
	}
}

// A server that closes first has TIME-WAITs on its port, and cannot bind it
// again for as long as the last of them lasts, without SO_REUSEADDR.
func TestRestartUnderLoad(t *testing.T) {
	s := ready(t, "restart-under-load", func(s *Spec) { s.Even = true })
	r := play(t, s)
	down := fsm.Time(s.Restart)
	r.wantFirst(t, down, Server, "bind", "EADDRINUSE", 0)
	require.Equal(t, down, r.Restarted)
	require.Regexp(t, `^of 4\d\d\d connections of the process before that are still there at port 80, `+
		`4\d\d\d are in TIME-WAIT, and the new socket has not set SO_REUSEADDR$`, r.First().Cause)
	require.GreaterOrEqual(t, r.Back, down.Add(sim.RFC9293().TCP.TimeWait-time.Second))
	require.LessOrEqual(t, r.Back, down.Add(sim.RFC9293().TCP.TimeWait+time.Second))
	require.Equal(t, int(r.Back.Sub(down)/s.Retry), r.First().Count) // and the next try succeeds
	// Every client that comes meanwhile is refused.
	outage := int(r.Back.Sub(down)/time.Second) * 20
	require.InDelta(t, outage, r.Failed, 3)
	for _, f := range r.Failures[1:] {
		require.Equal(t, Client, f.Side)
		if f.Error == "ECONNREFUSED" {
			require.InDelta(t, outage, f.Count, 3)
		}
	}
	require.Equal(t, s.Clients, r.Answered+r.Failed+r.underWay())
}

// underWay is how many visits are not over at the end.
func (r *Result) underWay() int { return r.Arrived - r.Answered - r.Failed }

// With SO_REUSEADDR it is back at once; what was being served is lost.
func TestRestartWithReuseAddr(t *testing.T) {
	r := play(t, ready(t, "restart-under-load", func(s *Spec) { s.ReuseAddr, s.After = true, time.Minute }))
	require.Equal(t, r.Restarted, r.Back)
	for _, f := range r.Failures {
		require.Equal(t, Client, f.Side)
		require.Equal(t, "read", f.Call)
	}
	require.Less(t, r.Failed, 10)
	require.Equal(t, r.Arrived, r.Answered+r.Failed)
	require.Greater(t, r.at(t, r.Spec.Restart).Hosts[Server].States[fsm.TimeWait], 4000)
}

// If the client closes first, the TIME-WAITs are the client's, and the server
// binds its port again at once; but one connection that is open when the process
// ends is closed by the server first, and is as long in the way as thousands.
func TestRestartWhereClientsCloseFirst(t *testing.T) {
	for _, c := range []struct {
		serve time.Duration
		open  bool
	}{{0, false}, {10 * time.Second, true}} {
		r := play(t, ready(t, "restart-under-load", func(s *Spec) {
			s.First, s.Even, s.Serve = Client, true, c.serve
			s.Clients, s.Restart = 1200, 5*time.Minute+500*time.Millisecond // between two clients
		}))
		require.Zero(t, r.at(t, 5*time.Minute).Hosts[Server].States[fsm.TimeWait])
		if !c.open {
			require.Empty(t, r.Failures)
			require.Equal(t, r.Restarted, r.Back)
			continue
		}
		r.wantFirst(t, r.Restarted, Server, "bind", "EADDRINUSE", 0)
		require.InDelta(t, sim.RFC9293().TCP.TimeWait, r.Back.Sub(r.Restarted), float64(10*time.Second))
	}
}
