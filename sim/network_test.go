package sim

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

func TestFourWay(t *testing.T) {
	n := New(Config{Link: Link{Delay: 10 * time.Millisecond}})
	a := n.AddHost("client", RFC9293(), netip.MustParseAddr("192.0.2.1"))
	b := n.AddHost("server", RFC9293(), netip.MustParseAddr("192.0.2.2"))
	n.Listen(func(r *Record) {
		switch r.Kind {
		case Sent:
			fmt.Println(r.At, n.hosts[r.Host].Name, r.Packet.Relative(), r.Rule, r.From, r.To)
		case Moved:
			fmt.Println(r.At, n.hosts[r.Host].Name, r.From, "->", r.To, r.Rule)
		case Called:
			fmt.Println(r.At, n.hosts[r.Host].Name, r.Call.Op)
		case Returned:
			fmt.Println(r.At, n.hosts[r.Host].Name, r.Call.Op, r.Call.Result, r.Call.Err)
		}
	})
	pa, pb := a.Process(""), b.Process("")
	pb.Call(&Call{Op: OpSocket})
	pb.Call(&Call{Op: OpBind, FD: 3, Addr: Endpoint{0, 80}})
	pb.Call(&Call{Op: OpListen, FD: 3, Backlog: 1})
	pa.Call(&Call{Op: OpSocket})
	pa.Call(&Call{Op: OpConnect, FD: 3, Addr: Endpoint{b.addrs[0], 80}})
	n.Run(fsm.Time(50*time.Millisecond), 1000)
	pb.Call(&Call{Op: OpAccept, FD: 3})
	pa.Call(&Call{Op: OpSend, FD: 3, N: 10})
	pb.Call(&Call{Op: OpRecv, FD: 4, N: 100})
	n.Run(fsm.Time(80*time.Millisecond), 1000)
	pa.Call(&Call{Op: OpClose, FD: 3})
	pb.Call(&Call{Op: OpRecv, FD: 4, N: 100})
	n.Run(fsm.Time(150*time.Millisecond), 1000)
	pb.Call(&Call{Op: OpClose, FD: 4})
	n.Run(fsm.Never, 1000)
}
