package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.4: comparisons are modulo 2^32.
func TestSeqCompares(t *testing.T) {
	for _, x := range []struct {
		a, b Seq
		less bool
	}{
		{0, 0, false}, {0, 1, true}, {1, 0, false},
		{1<<32 - 1, 0, true}, {0, 1<<32 - 1, false},
		{1<<32 - 10, 10, true}, {10, 1<<32 - 10, false},
		{1<<31 - 1, 1 << 31, true}, {1 << 31, 1<<31 - 1, false},
		{5, 5 + 1<<31 - 1, true}, {5 + 1<<31 - 1, 5, false},
	} {
		require.Equal(t, x.less, x.a.Less(x.b), "%v < %v", x.a, x.b)
		require.Equal(t, x.less || x.a == x.b, x.a.LessEq(x.b), "%v =< %v", x.a, x.b)
		lo, hi := x.b, x.a
		if x.less {
			lo, hi = x.a, x.b
		}
		require.Equal(t, lo, minSeq(x.a, x.b))
		require.Equal(t, lo, minSeq(x.b, x.a))
		require.Equal(t, hi, maxSeq(x.a, x.b))
		require.Equal(t, hi, maxSeq(x.b, x.a))
	}
}

func TestSeqAddSub(t *testing.T) {
	a := Seq(1<<32 - 5)
	require.Equal(t, Seq(5), a.Add(10))
	require.Equal(t, uint32(10), Seq(5).Sub(a))
	require.Equal(t, "4294967291", a.String())
}

// A window is half-open, [lo, lo+n), and may cross the wrap.
func TestSeqIn(t *testing.T) {
	lo := Seq(1<<32 - 5)
	for n, want := range map[Seq]bool{lo - 1: false, lo: true, lo + 4: true, 0: true, 4: true, 5: false} {
		require.Equal(t, want, n.In(lo, 10), "%v in [%v, 5)", n, lo)
	}
	require.False(t, lo.In(lo, 0), "an empty window")
}
