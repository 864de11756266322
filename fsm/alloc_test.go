package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// life plays both ends of a connection: text in both directions, a segment that
// is lost and sent again, text out of order, a timeout, a close from both sides.
type life struct {
	prof Profile
	ends [2]TCB
	c    [2]*Conn
	out  []Action
	now  Time
	wire [2][]Segment // what each end has sent and the other has not got
	been [2]States
}

func newLife(p Profile) *life {
	l := &life{prof: p, out: make([]Action, 0, 64)}
	for i := range l.ends {
		l.c[i] = NewConn(&l.prof, &l.ends[i])
		l.c[i].Trace = true
		l.wire[i] = make([]Segment, 0, 64)
	}
	return l
}

// step runs one event of an end and keeps what it sends.
func (l *life) step(i int, ev Event) {
	l.out = l.c[i].Step(l.now, ev, l.out[:0])
	l.been[i] |= in(l.ends[i].State)
	for _, a := range l.out {
		if a.Kind == Emit {
			l.wire[i] = append(l.wire[i], a.Seg)
		}
	}
}

// settle carries segments to and fro, and lets both users receive, until
// nothing is left to do but to wait.
func (l *life) settle() {
	for busy := true; busy; {
		busy = false
		for i := range l.ends {
			if len(l.wire[i]) > 0 {
				seg := l.wire[i][0]
				l.wire[i] = l.wire[i][:copy(l.wire[i], l.wire[i][1:])]
				l.now++
				l.step(1-i, Arrives(seg, 5000))
				busy = true
			}
			if n := l.ends[i].Unread; n > 0 && l.ends[i].State != Closed {
				l.step(i, Receive(n))
				busy = true
			}
		}
	}
}

// finish lets timers run until all that was sent is acknowledged.
func (l *life) finish() {
	for l.settle(); l.ends[0].Pending()+l.ends[1].Pending() > 0 && l.timeout(); l.settle() {
	}
}

// timeout lets the next deadline come, and reports whether there is one.
func (l *life) timeout() bool {
	at := min(l.c[0].Deadline(), l.c[1].Deadline())
	if at == Never {
		return false
	}
	l.now = at
	for i := range l.c {
		l.step(i, Tick())
	}
	return true
}

func (l *life) play() {
	for i := range l.ends {
		l.ends[i].Init(&l.prof, 1460, false)
		l.wire[i] = l.wire[i][:0]
	}
	l.now = 1
	l.step(1, PassiveOpen())
	l.step(0, ActiveOpen(1000))
	l.settle()
	l.step(0, Set(KeepAlive, 1))
	l.step(0, Send(20_000))
	if len(l.wire[0]) > 0 {
		l.wire[0] = l.wire[0][:copy(l.wire[0], l.wire[0][1:])] // the first segment is lost
	}
	l.finish()
	l.step(1, Event{Kind: EvSend, N: 3000, Push: true, Urgent: true})
	l.wire[1] = l.wire[1][:0] // all of it is lost
	l.finish()
	l.step(0, Close())
	l.settle()
	l.step(1, Send(10))
	l.step(1, Close())
	l.finish()
	for l.timeout() {
		l.settle()
	}
}

// Step allocates nothing as long as out has room, a trace included.
func TestStepAllocatesNothing(t *testing.T) {
	for _, p := range []Profile{RFC9293, RFC793} {
		l := newLife(p)
		l.play()
		require.True(t, l.been[0].Has(TimeWait) && l.been[1].Has(LastAck), "%s: %v; %v", p.Name, l.been[0], l.been[1])
		require.Equal(t, [2]State{}, [2]State{l.ends[0].State, l.ends[1].State}, "both are CLOSED")
		require.Zero(t, testing.AllocsPerRun(20, func() { l.play() }), p.Name)
	}
}
