package fsm

import (
	"flag"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// FuzzStep plays any script against one end, whose peer may be anybody, and
// against two ends that talk to each other over a bad link with a forger on it.
// Nothing panics, and what must hold of one end alone holds after every step.
func FuzzStep(f *testing.F) {
	for n := range 60 {
		f.Add(randomScript(uint64(n), 24+12*n))
	}
	f.Fuzz(func(t *testing.T, data []byte) { playBoth(t, data) })
}

// TestStepRandom plays scripts at random: always the same, unless the flag soak
// asks for more of them.
func TestStepRandom(t *testing.T) {
	n := uint64(4000)
	if flag.Lookup("soak").Value.String() == "true" {
		n = 1_000_000
	}
	for seed := range n {
		playBoth(t, randomScript(seed, 600))
		if t.Failed() {
			t.Logf("script %d", seed)
			return
		}
	}
}

// randomScript gives n bytes that depend on the seed alone.
func randomScript(seed uint64, n int) []byte {
	r := rand.New(rand.NewPCG(seed, 9293))
	s := make([]byte, n)
	for i := range s {
		s[i] = byte(r.Uint32())
	}
	return s
}

// playBoth plays a script in both ways. If a check fails it plays it once more,
// to tell how it came to that.
func playBoth(t *testing.T, data []byte) {
	t.Helper()
	for _, play := range []func([]byte, bool, func(*Conn, Event)) []*watched{playAlone, playPair} {
		failed := false
		for _, w := range play(data, false, nil) {
			failed = failed || w.err != nil
		}
		if !failed {
			continue
		}
		for _, w := range play(data, true, nil) {
			if w.err != nil {
				t.Fatalf("%s\n%v\n%+v\n%v", strings.Join(w.log[max(0, len(w.log)-40):], "\n"), w.err, w.tcb, w.prof.Features.Names())
			}
		}
	}
}

// playAlone plays a script against one end.
func playAlone(data []byte, logs bool, seen func(*Conn, Event)) []*watched {
	s := &script{data: data}
	b := s.turn()
	w := newWatched(b.profile(), uint16(b.n(3))*700+60)
	w.seen, w.logs = seen, logs
	now := Time(b.byte())
	for n := 0; s.more() && n < 300 && w.err == nil; n++ {
		switch b := s.turn(); b.n(8) {
		case 0, 1:
			w.step(now, b.call(&w.tcb))
		case 2:
			end := now.Add(b.pause())
			w.pass(end)
			now = end
		case 3: // up to the next deadline
			if at := w.c.Deadline(); at != Never {
				now = max(now, at)
			} else {
				w.step(now, Tick())
			}
		default:
			ev := Arrives(b.segment(&w.tcb, w.c.RcvFin), Seq(b.u32()))
			ev.Listens = b.n(2) == 0
			w.step(now, ev)
		}
		w.pass(now) // as a driver has it
	}
	return []*watched{w}
}

// link is what two ends have sent to each other and not got yet.
type link struct {
	ends [2]*watched
	wire [2][]Segment
	now  Time
}

func (l *link) step(i int, ev Event) {
	for _, a := range l.ends[i].step(l.now, ev) {
		if a.Kind == Emit && len(l.wire[i]) < 200 {
			l.wire[i] = append(l.wire[i], a.Seg)
		}
	}
}

func (l *link) deadline() Time { return min(l.ends[0].c.Deadline(), l.ends[1].c.Deadline()) }

// pass lets time go by, with the timers that end in it, as many as turn up.
func (l *link) pass(d time.Duration) {
	end := l.now.Add(d)
	for range 100 {
		at := l.deadline()
		if at > end || l.ends[0].err != nil || l.ends[1].err != nil {
			l.now = end
			return
		}
		l.now = max(l.now, at)
		for i := range l.ends {
			if l.ends[i].c.Deadline() <= l.now {
				l.step(i, Tick())
			}
		}
	}
}

// carry lets a segment of end i arrive: in order or not, once or twice, or never.
func (l *link) carry(i int, b *script) {
	k := 0
	if b.n(4) == 0 {
		k = b.n(len(l.wire[i]))
	}
	seg := l.wire[i][k]
	how := b.n(8)
	if how != 1 {
		l.wire[i] = append(l.wire[i][:k:k], l.wire[i][k+1:]...)
	}
	if how != 2 {
		l.step(1-i, Arrives(seg, Seq(b.byte())<<20))
	}
}

// playPair plays a script against two ends.
func playPair(data []byte, logs bool, seen func(*Conn, Event)) []*watched {
	s := &script{data: data}
	b := s.turn()
	l := &link{ends: [2]*watched{newWatched(b.profile(), 1460), newWatched(b.profile(), 536)}, now: 1}
	for _, w := range l.ends {
		w.logs, w.seen = logs, seen
	}
	l.step(1, PassiveOpen())
	l.step(0, ActiveOpen(Seq(b.u32())))
	for n := 0; s.more() && n < 400; n++ {
		b := s.turn()
		i := b.n(2)
		switch op := b.n(12); {
		case op < 6 && len(l.wire[i]) > 0:
			l.pass(time.Millisecond)
			l.carry(i, b)
		case op < 8:
			l.step(i, b.call(&l.ends[i].tcb))
		case op == 8:
			l.pass(b.pause())
		case op == 9 && b.n(4) == 0: // a forger knows the numbers
			l.step(i, Arrives(b.segment(&l.ends[i].tcb, l.ends[i].c.RcvFin), 7))
		default:
			l.pass(300 * time.Millisecond)
		}
		l.pass(0)
	}
	return l.ends[:]
}
