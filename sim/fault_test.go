package sim

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// shots sends segments of chosen meaning from the client to the server, a second
// apart, and tells what becomes of each.
type shots struct{ *testNet }

func newShots(t *testing.T, faults ...Fault) *shots {
	tn := newTestNet(t)
	for _, f := range faults {
		f.Host = tn.client.host.id
		tn.Fault(f)
	}
	return &shots{tn}
}

// fate sends one segment, with text or without.
func (s *shots) fate(text bool) string {
	s.t.Helper()
	flags := fsm.ACK
	if text {
		flags |= fsm.PSH
	}
	return s.fateOf(flags, number(text))
}

// fateOf tells what becomes of a segment: "lost", "copied after 5ms", "late by
// 5ms" or "arrives".
func (s *shots) fateOf(flags fsm.Flags, n int) string {
	h := s.client.host
	i, p := s.packets.take()
	s.nextPacket++
	*p = Packet{Number: s.nextPacket, From: s.client.at(9), To: s.server.at(9), Seg: fsm.Segment{Flags: flags, Len: uint16(n)}}
	number, start := p.Number, s.now
	s.log = nil
	s.carry(h, i, p)
	s.pass(time.Second)
	var at []time.Duration
	for _, r := range s.records(Arrived) {
		if r.Packet.Number == number {
			at = append(at, r.At.Sub(start)-testDelay)
		}
	}
	switch {
	case len(at) == 0:
		return "lost"
	case len(at) == 2:
		return fmt.Sprintf("copied after %v", at[1]-at[0])
	case at[0] > 0:
		return fmt.Sprintf("late by %v", at[0])
	}
	return "arrives"
}

// A fault names a packet by its meaning: flags that are set and flags that are
// not, with text or without.
func TestFaultByMeaning(t *testing.T) {
	const any = fsm.Flags(0)
	for _, c := range []struct {
		set, clear fsm.Flags
		text       TextMatch
		hits       []string // of the candidates
	}{
		{any, 0, AnyText, []string{".", "P.", "F.", "FP.", "S", "S.", "R", "R."}},
		{fsm.FIN, 0, AnyText, []string{"F.", "FP."}},
		{fsm.FIN | fsm.ACK, fsm.PSH, AnyText, []string{"F."}},
		{fsm.SYN, fsm.ACK, AnyText, []string{"S"}},
		{fsm.RST, 0, AnyText, []string{"R", "R."}},
		{fsm.ACK, fsm.SYN | fsm.FIN | fsm.RST, WithoutText, []string{"."}},
		{any, 0, WithText, []string{"P.", "FP."}},
		{any, fsm.FIN, WithText, []string{"P."}},
		{any, 0, WithoutText, []string{".", "F.", "S", "S.", "R", "R."}},
		{fsm.URG, 0, AnyText, nil},
	} {
		s := newShots(t, Fault{Verb: Drop, Set: c.set, Clear: c.clear, Text: c.text, Nth: 1})
		var hits []string
		for _, name := range []string{".", "P.", "F.", "FP.", "S", "S.", "R", "R."} {
			flags, err := fsm.ParseFlags(name)
			require.NoError(t, err)
			if s.fateOf(flags, number(flags&fsm.PSH != 0)) == "lost" {
				hits = append(hits, name)
			}
		}
		require.Equal(t, c.hits, hits, "set %v, clear %v, text %d", c.set, c.clear, c.text)
	}
}

// fates sends so many pure ACKs.
func (s *shots) fates(count int) []string {
	var all []string
	for range count {
		all = append(all, s.fate(false))
	}
	return all
}

// Nth is the first that is hit, Count how many, 0 all from then on.
func TestFaultNthAndCount(t *testing.T) {
	for _, c := range []struct {
		nth, count int
		lost       []int
	}{
		{1, 1, []int{1}}, {2, 1, []int{2}}, {1, 3, []int{1, 2, 3}}, {3, 2, []int{3, 4}}, {1, 0, []int{1, 2, 3, 4, 5, 6}},
		{5, 0, []int{5, 6}}, {7, 1, nil},
	} {
		s := newShots(t, Fault{Verb: Drop, Nth: c.nth, Count: c.count})
		var lost []int
		for k, fate := range s.fates(6) {
			if fate == "lost" {
				lost = append(lost, k+1)
			}
		}
		require.Equal(t, c.lost, lost, "#%d x%d", c.nth, c.count)
	}
}

// What fits is counted whatever lies between.
func TestFaultCountsWhatFits(t *testing.T) {
	s := newShots(t, Fault{Verb: Drop, Text: WithText, Nth: 2, Count: 1})
	var got []string
	for _, text := range []bool{false, true, false, false, true, true} {
		got = append(got, s.fate(text))
	}
	require.Equal(t, []string{"arrives", "arrives", "arrives", "arrives", "lost", "arrives"}, got)
}

// Until is the end: packets sent at that instant or later are not looked at.
func TestFaultUntil(t *testing.T) {
	s := newShots(t)
	s.Fault(Fault{Verb: Drop, Host: s.client.host.id, Nth: 1, Until: s.now.Add(2 * time.Second)})
	require.Equal(t, []string{"lost", "lost", "arrives", "arrives"}, s.fates(4))
}

// The verbs: a fault delays or repeats by so much.
func TestFaultVerbs(t *testing.T) {
	s := newShots(t,
		Fault{Verb: Delay, Nth: 1, Count: 1, By: 7 * time.Millisecond},
		Fault{Verb: Duplicate, Nth: 1, Count: 1, By: 3 * time.Millisecond},
		Fault{Verb: Duplicate, Nth: 1, Count: 1},
	)
	require.Equal(t, []string{"late by 7ms", "copied after 3ms", "copied after 0s", "arrives"}, s.fates(4))
}

// Of several that fit a packet the first wins, and those after it do not count
// the packet.
func TestFaultFirstWins(t *testing.T) {
	s := newShots(t,
		Fault{Verb: Drop, Text: WithText, Nth: 1, Count: 1},
		Fault{Verb: Delay, Nth: 2, Count: 1, By: 5 * time.Millisecond},
	)
	var got []string
	for _, text := range []bool{true, false, true, false} {
		got = append(got, s.fate(text))
	}
	require.Equal(t, []string{"lost", "arrives", "late by 5ms", "arrives"}, got)

	s = newShots(t,
		Fault{Verb: Drop, Nth: 1, Count: 1}, Fault{Verb: Drop, Nth: 1, Count: 1}, Fault{Verb: Drop, Nth: 1, Count: 1},
	)
	require.Equal(t, []string{"lost", "lost", "lost", "arrives"}, s.fates(4))
}

// A fault is one host's.
func TestFaultHost(t *testing.T) {
	tn := newTestNet(t)
	tn.Fault(Fault{Verb: Drop, Host: tn.server.host.id, Nth: 1, Count: 1})
	tn.server.listener(1)
	c := tn.client.connect(tn.client.socket(), tn.server.at(testPort))
	tn.pass(3 * testDelay)
	require.Len(t, tn.records(Lost), 1)
	require.Equal(t, "S. 0:0(0) ack 1", func() string { p := tn.records(Lost)[0].Packet; return p.Relative().Header() }())
	require.Equal(t, "the script drops it", tn.records(Lost)[0].Why)
	tn.want(c, "waits")
}

// While the links are down faults count nothing: no packet reaches them.
func TestFaultWhileDown(t *testing.T) {
	s := newShots(t, Fault{Verb: Drop, Nth: 2, Count: 1})
	s.Down(true)
	require.Equal(t, []string{"lost", "lost"}, s.fates(2))
	s.Down(false)
	require.Equal(t, []string{"arrives", "lost", "arrives"}, s.fates(3))
}

// A fault takes the place of chance: a packet that it delays or repeats is not
// lost at random too.
func TestFaultBesideChance(t *testing.T) {
	tn := newTestNet(t, link(func(l *Link) { l.Loss = 1 }))
	tn.Fault(Fault{Verb: Delay, Host: tn.client.host.id, Nth: 1, Count: 1, By: time.Millisecond})
	tn.client.connect(tn.client.socket(), tn.server.at(testPort))
	tn.pass(testDelay + time.Millisecond)
	require.Len(t, tn.arrivals(tn.server), 1)
}
