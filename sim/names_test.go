package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// What an Errno, an Option and a state print, they are read back from.
func TestNamesRoundTrip(t *testing.T) {
	for e := OK; e <= EWOULDBLOCK; e++ {
		got, err := ParseErrno(e.String())
		require.NoError(t, err)
		require.Equal(t, e, got)
		require.Equal(t, e.String(), e.Error())
		for o := OK; o <= EWOULDBLOCK; o++ {
			same := e == o || e == EAGAIN && o == EWOULDBLOCK || e == EWOULDBLOCK && o == EAGAIN
			require.Equal(t, same, e.Same(o), "%v and %v", e, o)
		}
	}
	require.Equal(t, len(errnoNames), int(EWOULDBLOCK)+1)
	_, err := ParseErrno("ENOSUCH")
	require.EqualError(t, err, `unknown errno "ENOSUCH"`)
	require.Equal(t, "Errno(200)", Errno(200).String())

	for _, o := range Options() {
		got, ok := ParseOption(o.String())
		require.True(t, ok)
		require.Equal(t, o, got)
	}
	require.Equal(t, len(optionNames), len(Options()))
	_, ok := ParseOption("SO_NOTHING")
	require.False(t, ok)

	for s := fsm.Closed; s <= fsm.TimeWait; s++ {
		got, err := fsm.ParseState(s.String())
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
}

// Every name is one thing's.
func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, list := range [][]string{errnoNames[:], optionNames[:]} {
		for _, name := range list {
			require.NotEmpty(t, name)
			require.False(t, seen[name], name)
			seen[name] = true
		}
	}
	require.Equal(t, len(opNames), int(OpDup)+1)
	require.Equal(t, "close", OpClose.String())
	require.Equal(t, "dup", OpDup.String())
	require.Equal(t, "Op(99)", Op(99).String())
	for k := Fired; k <= Noted; k++ {
		require.NotEmpty(t, recordNames[k])
	}
	require.Equal(t, "ISN", ChooseISN.String())
	require.Equal(t, "jitter", ChooseJitter.String())
	require.Equal(t, "Choice(99)", Choice(99).String())
	require.NotPanics(t, func() { _ = Option(99).String() })
}

// The numbers of poll's events are Linux's.
func TestPollEventNumbers(t *testing.T) {
	require.Equal(t, []PollEvents{1, 2, 4, 8, 16, 32, 0x2000},
		[]PollEvents{PollIn, PollPri, PollOut, PollErr, PollHup, PollNval, PollRdHup})
}
