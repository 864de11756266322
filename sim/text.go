package sim

import (
	"bytes"
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
)

// Text tells which octets a segment carries, or a reader is given: those of a
// stream from an offset on. Octets are made when somebody wants to see them.
//
// A stream is what one end of one connection sends. Unless a call said what the
// octets are, they are a pattern.
type Text struct {
	stream int32  // number of a stream whose octets were said, and one; 0: all pattern
	off    uint32 // of the first octet; wraps with the sequence numbers
}

// from gives the text n octets further on.
func (t Text) from(n uint32) Text { return Text{t.stream, t.off + n} }

// follows reports whether u continues t, which is n octets long.
func (t Text) follows(n uint32, u Text) bool { return t.from(n) == u }

// pattern is what the octets of a stream are where no call said what they are,
// several times over: lines of the alphabet, so that a reader of a capture sees
// at a glance which part of a stream a segment carries. A dissector of a protocol
// of lines would wait for ever for the end of one.
var pattern = bytes.Repeat([]byte(alphabet), 64)

const alphabet = "abcdefghijklmnopqrstuvwxyz\n"

// appendPattern appends the octets of the pattern from an offset on. The
// line begins anew where offsets wrap.
func appendPattern(b []byte, off uint32, count int) []byte {
	for count > 0 {
		at := int(off % uint32(len(alphabet)))
		n := int(min(uint64(count), uint64(len(pattern)-at), 1<<32-uint64(off)))
		b = append(b, pattern[at:at+n]...)
		off, count = off+uint32(n), count-n
	}
	return b
}

// stream holds the octets that calls have said, in order of their offsets.
type stream struct{ said []said }

type said struct {
	off  uint32
	text []byte
}

// say notes what the octets from off on are.
func (s *stream) say(off uint32, text []byte) {
	if k := len(s.said) - 1; k >= 0 && s.said[k].off+uint32(len(s.said[k].text)) == off {
		s.said[k].text = append(s.said[k].text, text...)
		return
	}
	s.said = append(s.said, said{off, append([]byte(nil), text...)})
}

// AppendText appends the n octets of a text.
func (n *Network) AppendText(b []byte, t Text, count int) []byte {
	start := len(b)
	b = appendPattern(b, t.off, count)
	if t.stream == 0 {
		return b
	}
	out := b[start:]
	for _, s := range n.streams[t.stream-1].said {
		// Both may lie anywhere around the wrap: what counts is the distance.
		d := int32(s.off - t.off)
		switch {
		case d >= 0 && int(d) < count:
			copy(out[d:], s.text)
		case d < 0 && int(-d) < len(s.text):
			copy(out, s.text[-d:])
		}
	}
	return b
}

// part is a piece of received text.
type part struct {
	seq  fsm.Seq
	n    uint32
	text Text
}

// inbox holds the text that one end has received: what can be read, in order,
// and what waits behind gaps.
type inbox struct {
	ready  []part
	unread uint32
	held   []part // in order, without overlaps
}

// keep holds a piece behind a gap. Where it overlaps another, the first to come
// stays: a segment that overlaps what was received already counts with just the
// new data (RFC 9293 3.10).
func (b *inbox) keep(p part) {
	for i := 0; i < len(b.held); i++ {
		h := b.held[i]
		if p.seq.Less(h.seq) {
			b.held = slices.Insert(b.held, i, p.before(h.seq))
			i++
		}
		p = p.from(h.end())
		if p.n == 0 {
			return
		}
	}
	if k := len(b.held) - 1; k >= 0 && b.held[k].joins(p) {
		b.held[k].n += p.n
		return
	}
	b.held = append(b.held, p)
}

// deliver makes [seq, seq+n) readable: what was held, and between it the segment
// that arrived.
func (b *inbox) deliver(seq fsm.Seq, n uint32, arrived part) {
	end := seq.Add(n)
	p := arrived.from(seq).before(end)
	if len(b.held) == 0 && p.n == n { // no gap: nearly always
		b.push(p)
		return
	}
	if p.n > 0 {
		b.keep(p)
	}
	k := 0
	for ; seq != end; k++ {
		if k == len(b.held) || b.held[k].seq != seq {
			panic("sim: text delivered that never came")
		}
		p := b.held[k].before(end)
		b.push(p)
		seq = p.end()
	}
	b.held = slices.Delete(b.held, 0, k)
}

// end is the number after the last octet.
func (p part) end() fsm.Seq { return p.seq.Add(p.n) }

// before gives what of p lies before seq.
func (p part) before(seq fsm.Seq) part {
	switch {
	case seq.LessEq(p.seq):
		p.n = 0
	case seq.Less(p.end()):
		p.n = seq.Sub(p.seq)
	}
	return p
}

// from gives what of p lies at seq and behind it.
func (p part) from(seq fsm.Seq) part {
	if seq.LessEq(p.seq) {
		return p
	}
	skip := min(seq.Sub(p.seq), p.n)
	return part{p.seq.Add(skip), p.n - skip, p.text.from(skip)}
}

// joins reports whether q continues p, in place and in text.
func (p part) joins(q part) bool { return p.end() == q.seq && p.text.follows(p.n, q.text) }

// push makes a piece readable, joined to the last one if it continues it.
func (b *inbox) push(p part) {
	b.unread += p.n
	if k := len(b.ready) - 1; k >= 0 && b.ready[k].text.follows(b.ready[k].n, p.text) {
		b.ready[k].n += p.n
		return
	}
	b.ready = append(b.ready, p)
}

// take hands out up to n octets, and forgets them unless they are only looked
// at. It appends the octets to buf, if that is not nil.
func (n *Network) take(b *inbox, count uint32, peek bool, buf *[]byte) uint32 {
	got := uint32(0)
	i := 0
	for ; i < len(b.ready) && got < count; i++ {
		p := &b.ready[i]
		m := min(p.n, count-got)
		if buf != nil {
			*buf = n.AppendText(*buf, p.text, int(m))
		}
		got += m
		if !peek && m < p.n {
			p.seq, p.n, p.text = p.seq.Add(m), p.n-m, p.text.from(m)
			break
		}
	}
	if !peek {
		b.ready = append(b.ready[:0], b.ready[i:]...)
		b.unread -= got
	}
	return got
}

// flush throws away what can be read. A little of its room is kept for the next.
func (b *inbox) flush() {
	if cap(b.ready) > 8 {
		b.ready = nil
	}
	b.ready, b.held, b.unread = b.ready[:0], nil, 0
}

// PatternText is text of the pattern, from an offset of its stream on.
func PatternText(off uint32) Text { return Text{0, off} }
