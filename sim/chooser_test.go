package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A choice lies in [0, n), and is the same for the same seed.
func TestSeeded(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.Uint64().Draw(t, "seed")
		a, b := Seeded(s), Seeded(s)
		for range 20 {
			n := rapid.Uint64Range(1, 1<<rapid.IntRange(0, 63).Draw(t, "bits")).Draw(t, "n")
			got := a.Choose(ChooseLoss, n)
			require.Less(t, got, n)
			require.Equal(t, got, b.Choose(ChooseJitter, n))
		}
	})
	require.NotEqual(t, Seeded(1).Choose(0, 1<<63), Seeded(2).Choose(0, 1<<63))
}

// SplitMix64 as its author gives it: seed 1234567.
func TestSplitMix64(t *testing.T) {
	s := &seeded{1234567}
	for _, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		s.state += 0x9e3779b97f4a7c15
		require.Equal(t, want, mix(s.state))
	}
}

// Choices are spread evenly.
func TestSeededIsFair(t *testing.T) {
	s := Seeded(7)
	var count [10]int
	for range 100_000 {
		count[s.Choose(ChoosePort, 10)]++
	}
	for _, n := range count {
		require.InDelta(t, 10_000, n, 500)
	}
}

// counter chooses the lowest, and counts what it was asked.
type counter map[Choice]int

func (c counter) Choose(what Choice, n uint64) uint64 {
	if n < 1 {
		panic("nothing to choose from")
	}
	c[what]++
	return n - 1
}

// Everything that is free is asked of the Chooser, and nothing that is not.
func TestChooserIsAsked(t *testing.T) {
	asked := counter{}
	n := New(Config{Chooser: asked, Link: Link{Delay: testDelay}})
	a, b := n.AddHost("a", RFC9293(), clientAddr).Process(""), n.AddHost("b", RFC9293(), serverAddr)
	connect := func() {
		fd := a.Call(&Call{Op: OpSocket}).Result
		a.Call(&Call{Op: OpConnect, FD: fd, Addr: Endpoint{b.addrs[0], 80}})
		require.NoError(t, n.Run(n.now.Add(time.Second), testEvents))
	}
	connect()
	require.Equal(t, counter{ChooseISN: 1, ChoosePort: 1}, asked)
	n.link.Jitter, n.link.Loss, n.link.Duplication, n.link.Reordering = time.Millisecond, 0.1, 0.1, 0.1
	connect()
	require.Equal(t, counter{ChooseISN: 1, ChoosePort: 2, ChooseJitter: 2, ChooseLoss: 2, ChooseDuplicate: 2, ChooseReorder: 2}, asked)
}
