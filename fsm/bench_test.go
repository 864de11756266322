package fsm

import "testing"

// BenchmarkStep measures one segment step, in cache: a pure ACK, text answered
// by an ACK, and a life of seven segments with both its ends.
func BenchmarkStep(b *testing.B) {
	prof := RFC9293
	prof.DelayedAck = 0
	established := func(n int) []TCB {
		t := make([]TCB, n)
		c := NewConn(&prof, &t[0])
		for i := range t {
			t[i].Init(&prof, 1460, false)
			c.Bind(&prof, &t[i], &Notes{})
			c.Step(1, ActiveOpen(100), nil)
			seg := Segment{Seq: 5000, Ack: 101, Flags: SYN | ACK, Wnd: 65535}
			seg.Has, seg.MSS = OptMSS, 1460
			c.Step(1, Arrives(seg, 0), nil)
		}
		return t
	}
	b.Run("ack", func(b *testing.B) {
		t := established(16)
		c := NewConn(&prof, &t[0])
		out, notes := make([]Action, 0, 16), &Notes{}
		ev := Arrives(Segment{Seq: 5001, Ack: 101, Flags: ACK, Wnd: 65535}, 0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.Bind(&prof, &t[i&15], notes)
			out = c.Step(2, ev, out[:0])
		}
	})
	b.Run("text", func(b *testing.B) {
		t := established(16)
		c := NewConn(&prof, &t[0])
		out, notes := make([]Action, 0, 16), &Notes{}
		ev := Arrives(Segment{Ack: 101, Flags: ACK, Wnd: 65535, Len: 512}, 0)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			tcb := &t[i&15]
			c.Bind(&prof, tcb, notes)
			ev.Seg.Seq = tcb.RcvNxt
			out = c.Step(2, ev, out[:0])
			tcb.Unread, tcb.RcvWnd = 0, 65535 // the user receives it
		}
	})
}
