package crowd

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// A run that has more events than any crowd needs ends with an error.
func TestEndless(t *testing.T) {
	s := calm(nil)
	w, err := newWorld(&s)
	require.NoError(t, err)
	w.left = 100
	require.ErrorAs(t, w.play(), new(sim.ErrEndless))
}

// What a program has entered for later is forgotten with its descriptor: one
// that is used again is not closed for what it stood for before.
func TestDescriptorUsedAgain(t *testing.T) {
	s := calm(func(s *Spec) { s.Serve, s.Timeout = 20*time.Second, 25*time.Second })
	r := play(t, s)
	require.Empty(t, r.Failures)
	require.Equal(t, r.Arrived, r.Answered)
}

// An agenda gives what was entered in order, however much of it is over.
func TestAgenda(t *testing.T) {
	var a agenda
	require.Equal(t, int64(1<<63-1), int64(a.at()))
	in, out := int32(0), int32(0)
	for range 1000 {
		for range 3 {
			a.add(due{fd: in})
			in++
		}
		for range 2 {
			require.Equal(t, out, a.take().fd)
			out++
		}
	}
	require.Len(t, a.list[a.next:], int(in-out))
	for out < in {
		require.Equal(t, out, a.take().fd)
		out++
	}
	for range 10_000 { // what is over is not kept
		a.add(due{})
		a.take()
	}
	require.Less(t, cap(a.list), 10_000)
}

// BenchmarkDay plays the day of close-wait-leak, ten thousand clients; and with a
// server that closes.
func BenchmarkDay(b *testing.B) {
	for _, e := range []OnEOF{Leak, Close} {
		b.Run(e.String(), func(b *testing.B) {
			s, _ := Find("close-wait-leak")
			s.OnEOF = e
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Run(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
