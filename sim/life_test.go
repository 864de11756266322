package sim

import (
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// lives is a client that opens connections one after the other and closes each
// as soon as it is established, and a server that closes at the end of the
// stream. The call is used again and again: a life allocates nothing.
type lives struct {
	server   *Process
	remote   Endpoint
	call     Call
	finished int
}

func (l *lives) do(p *Process, c Call) *Call {
	got := l.call.Got
	l.call = c
	l.call.Got = got
	return p.Call(&l.call)
}

func (l *lives) open(client *Process) {
	fd := l.do(client, Call{Op: OpSocket}).Result
	l.do(client, Call{Op: OpSetFlags, FD: fd, Nonblock: true})
	l.do(client, Call{Op: OpConnect, FD: fd, Addr: l.remote})
}

// Happened is the program of both processes.
func (l *lives) Happened(p *Process, fd int) {
	if p == l.server && fd == firstFD {
		for {
			c := l.do(p, Call{Op: OpAccept, FD: fd, Flags: MsgDontWait})
			if c.Err != OK {
				return
			}
		}
	}
	switch st, _ := p.State(fd); {
	case p != l.server && st == fsm.Established, p == l.server && st == fsm.CloseWait:
		l.do(p, Call{Op: OpClose, FD: fd})
		l.finished++
	default:
	}
}

// playLives opens n connections, one every interval, and runs until the last
// TIME-WAIT is over.
func playLives(n int, every time.Duration, attach func(*Network)) (*Network, *lives) {
	net := New(Config{Link: Link{Delay: time.Millisecond}})
	sys := RFC9293()
	sys.TCP.TimeWait = time.Minute
	sys.PortLo, sys.PortHi = 1024, 65535
	sys.Descriptors = 1 << 20
	client := net.AddHost("client", sys, netip.AddrFrom4([4]byte{192, 0, 2, 1})).Process("")
	server := net.AddHost("server", sys, netip.AddrFrom4([4]byte{192, 0, 2, 2})).Process("")
	l := &lives{server: server, remote: Endpoint{server.host.addrs[0], 80}}
	l.do(server, Call{Op: OpSocket})
	l.do(server, Call{Op: OpBind, FD: firstFD, Addr: Endpoint{Port: 80}})
	l.do(server, Call{Op: OpListen, FD: firstFD, Backlog: 1000})
	client.Drive(l)
	server.Drive(l)
	if attach != nil {
		attach(net)
	}
	for i := range n {
		if err := net.Run(fsm.Time(i)*fsm.Time(every), 1<<40); err != nil {
			panic(err)
		}
		l.open(client)
	}
	if err := net.Run(fsm.Never, 1<<40); err != nil {
		panic(err)
	}
	return net, l
}

// BenchmarkLife measures one connection: seven segments, and the client through
// a TIME-WAIT of a minute.
func BenchmarkLife(b *testing.B) {
	const n = 100_000
	for _, every := range []time.Duration{100 * time.Microsecond * 10, 10 * time.Millisecond} {
		b.Run("every "+every.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, l := playLives(n, every, nil); l.finished != 2*n {
					b.Fatal(l.finished)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/life")
		})
	}
	_ = io.Discard
}
