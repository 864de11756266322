package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

// said makes the text of a segment of the peer, in place of the pattern.
func (tn *testNet) said(text string) func(*Packet) {
	return func(p *Packet) {
		tn.streams = append(tn.streams, stream{})
		off := p.Text.off
		tn.streams[len(tn.streams)-1].say(off, []byte(text))
		p.Text = Text{int32(len(tn.streams)), off}
	}
}

// Segments in any order make the text that their sender meant; its numbers wrap
// in the middle of it.
func TestInboxReorders(t *testing.T) {
	tn := inState(t, fsm.Established)
	for _, seg := range []string{"P. 11:16(5) ack 1", "P. 21:27(6) ack 1", "P. 6:11(5) ack 1", "P. 16:21(5) ack 1"} {
		tn.peer(seg)
		tn.want(tn.client.recv(3, 99, MsgDontWait), "-1 EAGAIN")
	}
	tn.peer("P. 1:6(5) ack 1")
	tn.wantText(tn.client.recv(3, 99), "abcdefghijklmnopqrstuvwxyz")
}

// Where segments overlap, and do not agree, the first to come stays: what was
// received once is not replaced by what a forged segment says later.
func TestInboxFirstStays(t *testing.T) {
	for name, c := range map[string]struct {
		segs [][2]string
		want string
	}{
		"delivered text, repeated": {[][2]string{
			{"P. 1:6(5) ack 1", "first"}, {"P. 1:9(8) ack 1", "SECOND.."},
		}, "first" + "D.."},
		"behind a gap, the same": {[][2]string{
			{"P. 6:11(5) ack 1", "first"}, {"P. 6:11(5) ack 1", "OTHER"}, {"P. 1:6(5) ack 1", "begin"},
		}, "beginfirst"},
		"behind a gap, longer at both ends": {[][2]string{
			{"P. 11:16(5) ack 1", "first"}, {"P. 6:21(15) ack 1", "AAAAABBBBBCCCCC"}, {"P. 1:6(5) ack 1", "begin"},
		}, "beginAAAAAfirstCCCCC"},
		"behind a gap, overlapping left": {[][2]string{
			{"P. 11:16(5) ack 1", "first"}, {"P. 8:13(5) ack 1", "AAABB"}, {"P. 1:8(7) ack 1", "begin.."},
		}, "begin..AAAfirst"},
		"behind a gap, overlapping right": {[][2]string{
			{"P. 6:11(5) ack 1", "first"}, {"P. 8:14(6) ack 1", "BBBCCC"}, {"P. 1:6(5) ack 1", "begin"},
		}, "beginfirstCCC"},
		"the segment that fills the gap": {[][2]string{
			{"P. 6:11(5) ack 1", "first"}, {"P. 1:13(12) ack 1", "beginBBBBBCC"},
		}, "beginfirstCC"},
		"three pieces": {[][2]string{
			{"P. 6:8(2) ack 1", "11"}, {"P. 10:12(2) ack 1", "22"}, {"P. 5:14(9) ack 1", "333333333"}, {"P. 1:14(13) ack 1", "4444444444444"},
		}, "4444" + "3" + "11" + "33" + "22" + "33"},
	} {
		t.Run(name, func(t *testing.T) {
			tn := inState(t, fsm.Established)
			for _, s := range c.segs {
				tn.peer(s[0], tn.said(s[1]))
			}
			r := tn.client.recv(3, 99)
			tn.wantText(r, c.want)
		})
	}
}

// Octets that come with a SYN wait for the handshake (RFC 9293 3.10.7.3).
func TestInboxTextWithSyn(t *testing.T) {
	inEach(t, states(fsm.SynSent), func(tn *testNet, u user) {
		tn.peer("S. 0:5(5) ack 1", tn.said("early"))
		u.wantState(3, fsm.Established)
		tn.peer("P. 6:10(4) ack 1", tn.said(" too"))
		tn.wantText(u.recv(3, 99), "early too")
	})
	inEach(t, states(fsm.SynSent), func(tn *testNet, u user) {
		tn.peer("S 0:5(5)", tn.said("early"))
		u.wantState(3, fsm.SynReceived)
		tn.want(u.recv(3, 99, MsgDontWait), "-1 EAGAIN")
		tn.peer(". 6:6(0) ack 1")
		u.wantState(3, fsm.Established)
		tn.wantText(u.recv(3, 99), "early")
	})
}

// Whatever pieces come in whatever order, an inbox gives each octet as it came
// first; offsets and numbers wrap.
func TestInboxModel(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		n := New(Config{})
		var b inbox
		base := fsm.Seq(rapid.SampledFrom([]uint32{0, 1<<32 - 40, 1<<31 - 40}).Draw(t, "base"))
		model := map[uint32]byte{} // an octet a number, the first to come
		next := uint32(0)          // the first octet that is not delivered
		var want, got []byte
		for k := range rapid.IntRange(1, 25).Draw(t, "pieces") {
			lo := rapid.Uint32Range(0, 60).Draw(t, "from")
			hi := lo + rapid.Uint32Range(1, 30).Draw(t, "octets")
			if lo = max(lo, next); lo >= hi {
				continue
			}
			text := make([]byte, hi-lo)
			for i := range text {
				text[i] = 'A' + byte(k)
				if _, ok := model[lo+uint32(i)]; !ok {
					model[lo+uint32(i)] = text[i]
				}
			}
			n.streams = append(n.streams, stream{})
			of := len(n.streams)
			n.streams[of-1].say(uint32(base)+lo, text)
			p := part{base.Add(lo), hi - lo, Text{int32(of), uint32(base) + lo}}
			if lo > next {
				b.keep(p)
			} else {
				end := next
				for ; ; end++ {
					c, ok := model[end]
					if !ok {
						break
					}
					want = append(want, c)
				}
				b.deliver(base.Add(next), end-next, p)
				next = end
			}
			if rapid.Bool().Draw(t, "read") {
				m := rapid.Uint32Range(1, 40).Draw(t, "at most")
				peek := rapid.Bool().Draw(t, "peek")
				var buf []byte
				c := n.take(&b, m, peek, &buf)
				require.Len(t, buf, int(c))
				require.Equal(t, min(int(m), len(want)-len(got)), int(c))
				require.Equal(t, string(want[len(got):len(got)+int(c)]), string(buf))
				if !peek {
					got = append(got, buf...)
				}
			}
			require.Equal(t, len(want)-len(got), int(b.unread))
		}
		n.take(&b, 1000, false, &got)
		require.Equal(t, string(want), string(got))
		b.flush()
		require.Zero(t, len(b.ready)+len(b.held)+int(b.unread), "flushed")
	})
}

// The octets that calls have said stand where they were said, the pattern
// between them; also across the wrap of offsets.
func TestAppendText(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		n := New(Config{})
		n.streams = make([]stream, 1)
		base := rapid.SampledFrom([]uint32{0, 1<<32 - 50, 1<<31 - 50}).Draw(t, "base")
		model := map[uint32]byte{}
		at := base
		for range rapid.IntRange(0, 8).Draw(t, "calls") {
			at += rapid.Uint32Range(0, 20).Draw(t, "pattern")
			text := rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "said")
			n.streams[0].say(at, text)
			for _, c := range text {
				model[at] = c
				at++
			}
		}
		for range 5 {
			off, count := base+rapid.Uint32Range(0, 150).Draw(t, "offset"), rapid.IntRange(0, 200).Draw(t, "octets")
			got := n.AppendText([]byte("before"), Text{1, off}, count)
			require.Equal(t, "before", string(got[:6]))
			require.Len(t, got, 6+count)
			for i, c := range got[6:] {
				want, ok := model[off+uint32(i)]
				if !ok {
					want = alphabet[(off+uint32(i))%uint32(len(alphabet))]
				}
				require.Equal(t, want, c)
			}
		}
	})
}

// A long stream keeps its pattern from end to end: offsets count on.
func TestLongStream(t *testing.T) {
	tn := newTestNet(t)
	cfd, sfd := tn.connected()
	off := 0
	for range 40 {
		c := tn.client.send(cfd, 60_000)
		r := tn.server.recv(sfd, 60_000, MsgWaitAll)
		tn.pass(5 * time.Second)
		require.Equal(t, "60000", fmt.Sprint(r.Result))
		require.True(t, c.Done)
		for i := range r.Got {
			if r.Got[i] != alphabet[(off+i)%len(alphabet)] {
				require.Fail(t, "another octet", "at %d", off+i)
			}
		}
		off += len(r.Got)
	}
}
