package crowd

import (
	"net/netip"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// world is a crowd that is being played.
type world struct {
	spec   *Spec
	net    *sim.Network
	choose sim.Chooser
	client client
	server server

	todo []happening // what the programs have not looked at yet
	call *sim.Call   // used again for each call that does not block
	left uint64      // events that the run may still have

	arrivals  []fsm.Time // of all clients
	sampleAt  fsm.Time
	restartAt fsm.Time // or Never

	result *Result
}

// happening is a descriptor to which something happened.
type happening struct {
	p  *party
	fd int
}

// events is how many events a run may have, for each client and besides: far
// more than any visit takes. Two ends that answer each other for ever take more.
const (
	eventsPerClient = 1000
	eventsBesides   = 1_000_000
)

// Run plays a crowd.
func Run(spec Spec) (*Result, error) {
	w, err := newWorld(&spec)
	if err != nil {
		return nil, err
	}
	if err := w.play(); err != nil {
		return nil, err
	}
	return w.result, nil
}

// newWorld makes the two hosts, and lets the server listen.
func newWorld(spec *Spec) (*world, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	sys, err := spec.system()
	if err != nil {
		return nil, err
	}
	spec.Profile, spec.Descriptors, spec.PortLo, spec.PortHi = sys.Name(), sys.Descriptors, sys.PortLo, sys.PortHi
	w := &world{spec: spec, choose: sim.Seeded(spec.Seed), call: new(sim.Call), result: &Result{Spec: *spec}}
	w.left = eventsBesides + eventsPerClient*uint64(spec.Clients)
	w.net = sim.New(sim.Config{Chooser: w.choose, Link: sim.Link{Delay: spec.Delay}})
	w.net.Listen(w.dropped, sim.Dropped)
	w.client.w, w.client.side = w, Client
	w.server.w, w.server.side = w, Server
	w.client.start(w.net.AddHost("client", sys, netip.AddrFrom4([4]byte{192, 0, 2, 1})))
	w.server.start(w.net.AddHost("server", sys, serverAddrs(spec.Addresses)...))
	w.server.listen()
	w.arrivals, w.restartAt = arrivals(spec, w.choose), fsm.Never
	if spec.Restart > 0 {
		w.restartAt = fsm.Time(spec.Restart)
	}
	return w, nil
}

// serverAddrs gives the server its addresses (RFC 2544 C.2.2 reserves them for
// tests).
func serverAddrs(n int) []netip.Addr {
	var list []netip.Addr
	a := netip.AddrFrom4([4]byte{198, 18, 0, 1})
	for range n {
		list = append(list, a)
		a = a.Next()
	}
	return list
}

// remote is where a client connects to.
func (w *world) remote(number int32) sim.Endpoint {
	addrs := w.server.host.Addrs()
	return sim.Endpoint{Addr: addrs[int(number-1)%len(addrs)], Port: port}
}

// Happened is the program of both hosts. What happened is looked at when the
// network is done with it, so that no program is called within its own calls.
func (w *world) Happened(p *sim.Process, fd int) {
	switch p {
	case w.client.proc:
		w.todo = append(w.todo, happening{&w.client.party, fd})
	case w.server.proc:
		w.todo = append(w.todo, happening{&w.server.party, fd})
	}
}

// settle lets the programs look at what happened, until nothing is left.
func (w *world) settle() {
	for i := 0; i < len(w.todo); i++ {
		switch t := w.todo[i]; {
		case t.fd-standardStreams >= len(t.p.ends): // of a process that is gone
		case t.p.side == Client:
			w.client.happened(t.fd)
		default:
			w.server.happened(t.fd)
		}
	}
	w.todo = w.todo[:0]
}

// deed is something that is to be done at an instant.
type deed int

// Of what is due at one instant, the network's share comes first, then these in
// their order: a sample sees all that the instant brought.
const (
	deedServed deed = iota
	deedServerExpire
	deedServerLate
	deedClientExpire
	deedClientLate
	deedTimeout
	deedRestart
	deedRetry
	deedArrive
	deedSample
	numDeeds
)

// next tells what is to be done next, and when.
func (w *world) next() (fsm.Time, deed) {
	c, v := &w.client, &w.server
	at := [numDeeds]fsm.Time{
		deedServed:       v.serves.at(),
		deedServerExpire: v.idles.at(),
		deedServerLate:   v.late.at(),
		deedClientExpire: c.idles.at(),
		deedClientLate:   c.late.at(),
		deedTimeout:      c.timeouts.at(),
		deedRestart:      w.restartAt,
		deedRetry:        v.retryAt,
		deedArrive:       fsm.Never,
		deedSample:       w.sampleAt,
	}
	if w.result.Arrived < len(w.arrivals) {
		at[deedArrive] = w.arrivals[w.result.Arrived]
	}
	first := deedServed
	for d, t := range at {
		if t < at[first] {
			first = deed(d)
		}
	}
	return at[first], first
}

func (w *world) do(d deed) {
	c, v := &w.client, &w.server
	switch d {
	case deedServed:
		v.served(v.serves.take())
	case deedServerExpire:
		v.expire(v.idles.take())
	case deedServerLate:
		v.expire(v.late.take())
	case deedClientExpire:
		c.expire(c.idles.take())
	case deedClientLate:
		c.expire(c.late.take())
	case deedTimeout:
		c.timeout(c.timeouts.take())
	case deedRestart:
		w.restartAt = fsm.Never
		v.restart()
	case deedRetry:
		v.tryListen()
	case deedArrive:
		w.result.Arrived++
		c.arrive(int32(w.result.Arrived))
	case deedSample:
		w.sample()
		w.sampleAt = w.sampleAt.Add(w.spec.Every)
	case numDeeds:
	}
}

// play lets the clients come, and the programs do what they have to, until the
// end.
func (w *world) play() error {
	end := fsm.Time(w.spec.Duration + w.spec.After)
	for {
		at, d := w.next()
		switch {
		case w.net.Next(min(at, end)): // it may have given the programs more to do
			if w.left--; w.left == 0 {
				return sim.ErrEndless{Events: w.net.Steps(), At: w.net.Now()}
			}
		case at > end:
			w.net.Pass(end)
			if k := len(w.result.Samples); w.result.Samples[k-1].At < end {
				w.sample()
			}
			return nil
		default:
			w.net.Pass(at)
			w.do(d)
		}
		w.settle()
	}
}

// lapses tells whether a program forgets to close.
func (w *world) lapses() bool {
	const fine = 1 << 32
	return w.spec.Share == 1 || w.choose.Choose(sim.ChooseLapse, fine) < uint64(w.spec.Share*fine)
}
