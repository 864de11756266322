package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// RFC 9293 3.3.2 names eleven states. What is printed parses back, and so do the
// names of kernels.
func TestStateNames(t *testing.T) {
	require.Equal(t, []string{
		"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2",
		"CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT",
	}, stateNames[:])
	for s := range numStates {
		got, err := ParseState(s.String())
		require.NoError(t, err)
		require.Equal(t, s, got)
	}
	for name, want := range map[string]State{
		"TCP_CLOSE_WAIT": CloseWait, "TCPI_CLOSE": Closed, "SYN_RCVD": SynReceived, "TCP_SYN_RECV": SynReceived,
		"FIN_WAIT1": FinWait1, "FINWAIT-2": FinWait2, "FINWAIT1": FinWait1, "FINWAIT_1": FinWait1, "FIN_WAIT_2": FinWait2,
		"FIN_WAIT2": FinWait2, "FINWAIT2": FinWait2, "TIME_WAIT": TimeWait,
	} {
		got, err := ParseState(name)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
	_, err := ParseState("OPEN")
	require.EqualError(t, err, `unknown state "OPEN" (want CLOSED, LISTEN, SYN_SENT ... TIME_WAIT)`)
	require.Equal(t, "State(11)", numStates.String())
}

// RFC 9293 3.5.2: the synchronized states are ESTABLISHED and those after it.
func TestSynchronized(t *testing.T) {
	for s := range numStates {
		want := in(Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait).Has(s)
		require.Equal(t, want, s.Synchronized(), "%v", s)
		require.Equal(t, want, synchronized.Has(s), "%v", s)
		require.True(t, anyState.Has(s), "%v", s)
	}
}

// In which states the peer's FIN has not come, the user may send,
// and our CLOSE is carried out.
func TestStateSets(t *testing.T) {
	require.Equal(t, "ESTABLISHED, FIN-WAIT-1, FIN-WAIT-2", finless.String())
	require.Equal(t, "ESTABLISHED, CLOSE-WAIT", canSend.String())
	require.Equal(t, "FIN-WAIT-1, FIN-WAIT-2, CLOSING, LAST-ACK, TIME-WAIT", closedOurs.String())
	require.Equal(t, "CLOSED, LISTEN, SYN-SENT", unsynchronous.String())
	require.Equal(t, []State{SynReceived, Established, FinWait1, FinWait2, CloseWait, Closing, LastAck, TimeWait}, (others).Each())
	require.Empty(t, States(0).String())
}
