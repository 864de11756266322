package sim_test

import (
	"io"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/pcap"
)

// lives is a client that opens connections one after the other and closes each
// as soon as it is established, and a server that closes at the end of the
// stream. The call is used again and again.
type lives struct {
	net            *sim.Network
	client, server *sim.Process
	listener       int
	remote         sim.Endpoint
	call           sim.Call
	finished       int
}

func newLives() *lives {
	net := sim.New(sim.Config{Link: sim.Link{Delay: time.Millisecond}})
	sys := sim.RFC9293()
	sys.TCP.TimeWait = time.Minute
	sys.PortLo, sys.PortHi = 1024, 65535
	sys.Descriptors = 1 << 20
	client := net.AddHost("client", sys, netip.AddrFrom4([4]byte{192, 0, 2, 1}))
	server := net.AddHost("server", sys, netip.AddrFrom4([4]byte{192, 0, 2, 2}))
	l := &lives{net: net, client: client.Process(""), server: server.Process("")}
	l.remote = sim.Endpoint{Addr: server.Addrs()[0], Port: 80}
	l.listener = l.do(l.server, sim.Call{Op: sim.OpSocket}).Result
	l.do(l.server, sim.Call{Op: sim.OpBind, FD: l.listener, Addr: sim.Endpoint{Port: 80}})
	l.do(l.server, sim.Call{Op: sim.OpListen, FD: l.listener, Backlog: 1000})
	l.client.Drive(l)
	l.server.Drive(l)
	return l
}

func (l *lives) do(p *sim.Process, c sim.Call) *sim.Call {
	got := l.call.Got
	l.call = c
	l.call.Got = got
	return p.Call(&l.call)
}

func (l *lives) open() {
	fd := l.do(l.client, sim.Call{Op: sim.OpSocket}).Result
	l.do(l.client, sim.Call{Op: sim.OpSetFlags, FD: fd, Nonblock: true})
	l.do(l.client, sim.Call{Op: sim.OpConnect, FD: fd, Addr: l.remote})
}

// Happened is the program of both processes.
func (l *lives) Happened(p *sim.Process, fd int) {
	if p == l.server && fd == l.listener {
		for l.do(p, sim.Call{Op: sim.OpAccept, FD: fd, Flags: sim.MsgDontWait}).Err == sim.OK {
		}
		return
	}
	switch st, _ := p.State(fd); {
	case p == l.client && st == fsm.Established, p == l.server && st == fsm.CloseWait:
		l.do(p, sim.Call{Op: sim.OpClose, FD: fd})
		l.finished++
	default:
	}
}

func (l *lives) run(b *testing.B, until fsm.Time) {
	if err := l.net.Run(until, 1<<40); err != nil {
		b.Fatal(err)
	}
}

// play opens n connections, one every interval, and lets the last be closed.
func (l *lives) play(b *testing.B, n int, every time.Duration) {
	for i := range n {
		l.run(b, fsm.Time(i)*fsm.Time(every))
		l.open()
	}
	l.run(b, fsm.Time(n)*fsm.Time(every)+fsm.Time(100*time.Millisecond))
	if l.finished != 2*n {
		b.Fatal(l.finished, "of", 2*n)
	}
}

// BenchmarkLife measures one connection: seven segments, and the client through
// a TIME-WAIT of a minute; without a listener of the log, and with a capture.
func BenchmarkLife(b *testing.B) {
	const n = 100_000
	for _, trace := range []string{"none", "discard", "file"} {
		for _, every := range []time.Duration{time.Millisecond, 10 * time.Millisecond} {
			b.Run(trace+"/every "+every.String(), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					l := newLives()
					finish := l.trace(b, trace)
					l.play(b, n, every)
					l.run(b, fsm.Never)
					finish()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/life")
			})
		}
	}
}

// trace captures the network to nobody, or to a file in memory where there is
// such a file system.
func (l *lives) trace(b *testing.B, how string) (finish func()) {
	out := io.Discard
	switch how {
	case "none":
		return func() {}
	case "file":
		dir := "/dev/shm"
		if _, err := os.Stat(dir); err != nil {
			dir = b.TempDir()
		}
		f, err := os.CreateTemp(dir, "life")
		if err != nil {
			b.Fatal(err)
		}
		os.Remove(f.Name()) // it goes with its descriptor
		b.Cleanup(func() { f.Close() })
		out = f
	}
	w, err := pcap.New(l.net, out, pcap.Options{Vantage: pcap.Link})
	if err != nil {
		b.Fatal(err)
	}
	l.net.Listen(w.Record, w.Kinds()...)
	return func() {
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTimeWait measures the end of a TIME-WAIT that has lasted a minute: its
// event, the step, and what is let go. Fifty thousand end together.
func BenchmarkTimeWait(b *testing.B) {
	const n = 50_000
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		l := newLives()
		l.play(b, n, 100*time.Microsecond)
		b.StartTimer()
		l.run(b, fsm.Never)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/TIME-WAIT")
}
