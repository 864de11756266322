package sim

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// peerISS is the initial sequence number of the peer that a test plays itself:
// its text crosses a wrap.
var peerISS = fsm.Seq(1<<32 - 8)

const peerPort = 8080

// peerEnd is where the peer is: at an address that no host has.
func (tn *testNet) peerEnd() Endpoint { return Endpoint{tn.AddrID(nobody), peerPort} }

// peer lets a segment of the peer reach the client, as if it answered what the
// client sent last: "S. 0:0(0) ack 1". Its window is 65535, and its text the
// pattern, unless the test says otherwise.
func (tn *testNet) peer(text string, change ...func(*Packet)) {
	tn.t.Helper()
	seg, err := parseSegment(text)
	require.NoError(tn.t, err)
	irs, iss := peerISS, tn.last.SeqBase
	p := Packet{
		From: tn.last.To, To: tn.last.From, Seg: seg.Relative(-irs, -iss), SeqBase: irs, AckBase: iss,
	}
	p.Seg.Wnd = 65535
	if seg.Flags&fsm.SYN != 0 {
		p.Seg.Has, p.Seg.MSS = fsm.OptMSS, 1460
	}
	p.Text = PatternText(uint32(seg.Seq) - 1)
	for _, f := range change {
		f(&p)
	}
	tn.Inject(p)
}

// window makes a segment of the peer offer a window.
func window(w uint16) func(*Packet) { return func(p *Packet) { p.Seg.Wnd = w } }

// parseSegment reads what Segment.Header writes.
func parseSegment(text string) (s fsm.Segment, err error) {
	words := strings.Fields(text)
	if len(words) != 2 && len(words) != 4 {
		return s, fmt.Errorf("%q is no segment", text)
	}
	if s.Flags, err = fsm.ParseFlags(words[0]); err != nil {
		return s, err
	}
	var lo, hi int64
	if _, err = fmt.Sscanf(words[1], "%d:%d(%d)", &lo, &hi, &s.Len); err != nil {
		return s, err
	}
	s.Seq = fsm.Seq(lo)
	if len(words) == 4 {
		n, err := strconv.ParseInt(words[3], 10, 64)
		s.Ack = fsm.Seq(n)
		return s, err
	}
	return s, nil
}

// inState brings the client's socket 3 into a state, with the peer on the other
// side, by the shortest exchange. FIN-WAIT-1 and those behind it are reached by
// shutdown(SHUT_WR): the descriptor is still open.
func inState(t *testing.T, s fsm.State, opts ...netOption) *testNet {
	t.Helper()
	tn := newTestNet(t, opts...)
	require.Equal(t, 3, tn.client.socket())
	tn.bring(s)
	tn.client.wantState(3, s)
	tn.forget()
	return tn
}

func (tn *testNet) bring(s fsm.State) {
	u := tn.client
	switch s {
	case fsm.Closed:
	case fsm.Listen:
		tn.want(u.bind(3, Endpoint{Port: testPort}), "0")
		tn.want(u.listen(3, 5), "0")
	case fsm.SynSent:
		tn.want(u.nonblocking(3, true), "0")
		tn.wantFail(u.connect(3, tn.peerEnd()), EINPROGRESS)
		tn.want(u.nonblocking(3, false), "0")
	case fsm.SynReceived:
		tn.bring(fsm.SynSent)
		tn.peer("S 0:0(0)")
	case fsm.Established:
		tn.bring(fsm.SynSent)
		tn.peer("S. 0:0(0) ack 1")
	case fsm.FinWait1:
		tn.bring(fsm.Established)
		tn.want(u.shutdown(3, ShutWr), "0")
	case fsm.FinWait2:
		tn.bring(fsm.FinWait1)
		tn.peer(". 1:1(0) ack 2")
	case fsm.CloseWait:
		tn.bring(fsm.Established)
		tn.peer("F. 1:1(0) ack 1")
	case fsm.Closing:
		tn.bring(fsm.FinWait1)
		tn.peer("F. 1:1(0) ack 1")
	case fsm.LastAck:
		tn.bring(fsm.CloseWait)
		tn.want(u.shutdown(3, ShutWr), "0")
	case fsm.TimeWait:
		tn.bring(fsm.FinWait2)
		tn.peer("F. 1:1(0) ack 2")
	}
}

// inEach runs a test for a socket in each of some states, under both profiles.
func inEach(t *testing.T, states []fsm.State, f func(tn *testNet, u user), opts ...netOption) {
	eachRFC(t, func(t *testing.T, sys System) {
		for _, s := range states {
			t.Run(s.String(), func(t *testing.T) {
				tn := inState(t, s, append([]netOption{under(sys)}, opts...)...)
				f(tn, tn.client)
			})
		}
	})
}

// states lists states by name in the tables of tests.
func states(list ...fsm.State) []fsm.State { return list }
