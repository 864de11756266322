package fsm

import (
	"fmt"
	"time"
)

// script reads what to do from bytes, so that a fuzzer can write it: zero bytes
// follow the last.
type script struct{ data []byte }

func (s *script) more() bool { return len(s.data) > 0 }

// turn gives the next bytes as a script of their own, so that one that changes
// does not change the meaning of those behind it.
func (s *script) turn() *script {
	n := min(len(s.data), 12)
	t := &script{data: s.data[:n]}
	s.data = s.data[n:]
	return t
}

func (s *script) byte() byte {
	if len(s.data) == 0 {
		return 0
	}
	b := s.data[0]
	s.data = s.data[1:]
	return b
}

// n gives a number below limit.
func (s *script) n(limit int) int { return int(s.byte()) % limit }

// u32 gives a number that is often small or at an edge.
func (s *script) u32() uint32 {
	switch b := s.byte(); {
	case b < 128:
		return uint32(b)
	case b < 160:
		return uint32(s.byte()) << 8
	case b < 192:
		return uint32(s.byte())<<24 | uint32(s.byte())
	case b < 224:
		return 1 << (b % 32)
	default:
		return -uint32(b - 224)
	}
}

// profile draws a profile: one of the RFCs', with some of its switches turned.
func (s *script) profile() Profile {
	p := RFC9293
	if s.n(4) == 0 {
		p = RFC793
	}
	high, middle, low := s.byte(), s.byte(), s.byte()
	if high%4 != 0 { // each switch turns once in four
		bits := (uint64(high)<<16 | uint64(middle)<<8 | uint64(low)) * 0x9e3779b97f4a7c15
		p.Features ^= Features(bits&(bits>>29|bits<<35)) & AllFeatures
	}
	switch s.n(7) {
	case 0:
		p.RcvBuf, p.SndBuf = s.u32()%5000, s.u32()%5000
	case 1:
		p.FinWait2, p.TimeWait, p.FinWait2Held = time.Minute, 10*time.Second, time.Duration(s.n(3))*time.Minute
	case 2:
		p.WScale, p.DelayedAck = uint8(s.n(15)), 0
	case 3:
		bsd(&p)
	case 4:
		winsock(&p)
		p.SynAgain = 500 * time.Millisecond
	case 5:
		p.LossProbe, p.Reordering, p.ScaleByBuffer = true, 4, false
		p.ResetAtSack, p.FinWait2ByRTO, p.UserTimeoutFromRepeat = true, true, true
	}
	return p
}

// call draws a call of the user.
func (s *script) call(t *TCB) Event {
	switch s.n(17) {
	case 0:
		return ActiveOpen(Seq(s.u32()))
	case 1:
		return PassiveOpen()
	case 2:
		return Event{Kind: EvOpen, Active: true}
	case 3, 4, 5:
		b := s.byte()
		return Event{Kind: EvSend, N: s.u32() % 5000, Push: b&1 != 0, Urgent: b&6 == 6, Remote: b&8 != 0, ISS: Seq(b) << 24}
	case 6, 7, 8:
		return Receive(s.u32())
	case 9, 10:
		return Close()
	case 11:
		if s.n(4) == 0 {
			return Abort()
		}
		return Status()
	case 12:
		return Set(Param(s.n(int(Detach)+2)), s.u32())
	case 13:
		return Set(KeepAlive, 1)
	case 14: // mostly about what is in flight
		return ICMPMessage(Advice(s.n(3)), t.SndUna+Seq(s.n(3)), 7)
	default:
		return Send(s.u32() % 3000)
	}
}

// segment draws a segment: one that fits the end's state, or one that is off in
// some fields. held is the number of a FIN that is held, if one is.
func (s *script) segment(t *TCB, held Seq) Segment {
	seg := Segment{Seq: t.RcvNxt, Ack: t.SndNxt, Wnd: 4000}
	if t.is(flagTimestamps) {
		seg.Has |= OptTimestamps
		seg.TSVal = t.TSRecent + 1
	}
	switch s.n(12) {
	case 0, 1:
		seg.Flags = ACK
	case 2, 3:
		seg.Flags, seg.Len = PSH|ACK, uint16(s.byte())
	case 4:
		seg.Flags, seg.Len = FIN|ACK, uint16(s.n(3))
	case 5:
		seg.Flags, seg.Seq = SYN|ACK, Seq(s.u32())
	case 6:
		seg.Flags, seg.Seq = SYN, Seq(s.u32())
	case 7:
		seg.Flags = RST
	case 8:
		seg.Flags, seg.Seq = SYN|ACK, t.IRS
	case 9:
		seg.Flags, seg.Ack = ACK, t.SndUna
	default:
		seg.Flags = Flags(s.byte())
	}
	for b := s.byte(); b != 0; b &= b - 1 {
		s.spoil(&seg, t, held, b)
	}
	return seg
}

// spoil changes one field of a segment: the one of the lowest bit of b.
func (s *script) spoil(seg *Segment, t *TCB, held Seq, b byte) {
	delta := Seq(s.u32())
	switch {
	case b&1 != 0:
		seg.Seq = [...]Seq{t.RcvNxt, t.RcvNxt - 1, t.RcvNxt.Add(t.RcvWnd), t.IRS, t.RcvNxt + delta, t.RcvNxt - delta, delta, held}[s.n(8)]
	case b&2 != 0:
		seg.Ack = [...]Seq{t.SndUna, t.SndUna + 1, t.SndNxt + 1, t.ISS, t.SndUna + delta, t.SndUna - delta, delta, t.SndEnd}[s.n(8)]
	case b&4 != 0:
		seg.Wnd = uint16(delta)
	case b&8 != 0:
		seg.Flags ^= 1 << s.n(8)
	case b&16 != 0:
		seg.Flags |= URG
		seg.Up = uint16(delta)
	case b&32 != 0:
		seg.Has |= OptSACK
		seg.NSack = uint8(s.n(MaxSACKBlocks + 1))
		for i := range seg.NSack {
			lo := t.SndUna + Seq(s.u32())
			seg.Sack[i] = Range{lo, lo + Seq(s.u32())}
		}
	case b&64 != 0:
		seg.Has ^= OptTimestamps
		seg.TSVal = t.TSRecent + uint32(delta)
	default:
		seg.Has |= OptMSS | OptSACKPermitted | OptTimestamps | OptWindowScale
		seg.MSS, seg.WScale, seg.Len = uint16(s.u32()), uint8(delta), uint16(delta)
	}
}

// pause draws a length of time.
func (s *script) pause() time.Duration {
	lengths := [...]time.Duration{
		0, 1, time.Millisecond, 40 * time.Millisecond, 300 * time.Millisecond, time.Second, 10 * time.Second,
		2 * time.Minute, 3 * time.Hour, 30 * 24 * time.Hour,
	}
	return lengths[s.n(len(lengths))]
}

// watched is one end that is checked after every step.
type watched struct {
	prof  Profile
	tcb   TCB
	c     *Conn
	watch watch
	out   []Action
	err   error
	log   []string
	logs  bool
	seen  func(*Conn, Event) // is shown every step before it runs
}

func newWatched(p Profile, mss uint16) *watched {
	w := &watched{prof: p}
	w.tcb.Init(&w.prof, mss, false)
	w.c = NewConn(&w.prof, &w.tcb)
	return w
}

func (w *watched) step(now Time, ev Event) []Action {
	if w.err != nil {
		return nil
	}
	if w.seen != nil {
		w.seen(w.c, ev)
	}
	before := w.tcb
	w.out = w.c.Step(now, ev, w.out[:0])
	w.err = w.watch.check(now, &w.prof, ev, &before, &w.tcb, w.out)
	if err := w.watch.checkQueues(&w.prof, &before, w.c); w.err == nil && err != nil {
		w.err = fmt.Errorf("%v in %v: %w", ev.Kind, before.State, err)
	}
	if w.logs {
		w.log = append(w.log, fmt.Sprintf("%v %v %v %v N %d param %d", now, before.State, ev.Kind, ev.Seg, ev.N, ev.Param))
		for _, a := range w.out[:min(len(w.out), 10)] {
			if a.Kind == Emit || a.Kind == Enter {
				w.log = append(w.log, fmt.Sprintf("    %v %v %v %v", a.Rule, a.Kind, a.Seg, a.To))
			}
		}
	}
	return w.out
}

// pass runs the timers that end by end, as many as turn up.
func (w *watched) pass(end Time) {
	for range 300 {
		at := w.c.Deadline()
		if at > end || w.err != nil {
			return
		}
		w.step(at, Tick())
	}
}
