package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// crowd makes three connections whose server closes first, a second after the other,
// by close() or by shutdown(), and claims what the server's states are then.
func crowd(t *testing.T, by string, s System, want ...map[fsm.State]int) *testNet {
	t.Helper()
	tn := newTestNet(t, under(s))
	tn.server.listener(3)
	for range want {
		tn.client.connect(tn.client.socket(), tn.server.at(testPort))
		tn.pass(3 * testDelay)
		tn.server.accept(3)
	}
	for i, w := range want {
		if by == "close" {
			tn.want(tn.server.close(4+i), "0")
		} else {
			tn.want(tn.server.shutdown(4+i, ShutWr), "0")
		}
		tn.pass(time.Second)
		tn.want(tn.client.close(3+i), "0")
		tn.pass(time.Second)
		w[fsm.Listen] = 1
		if open := len(want) - 1 - i; open > 0 {
			w[fsm.Established] = open
		}
		tn.server.wantStates(w)
	}
	return tn
}

// crowded lists the states of those that had to make room.
func (tn *testNet) crowded() (from []fsm.State) {
	for _, r := range tn.records(Moved) {
		if r.Rule == 0 {
			require.Equal(tn.t, fsm.Closed, r.To)
			from = append(from, r.From)
		}
	}
	return from
}

// The limit counts those that wait already: so many may, and the next may not.
// One that was let in when it was in FIN-WAIT-2 is not turned out in TIME-WAIT.
func TestTimeWaitLimitNewest(t *testing.T) {
	s := Linux()
	s.TimeWaitLimit = 2
	for by, from := range map[string]fsm.State{"close": fsm.FinWait2, "shutdown": fsm.TimeWait} {
		tn := crowd(t, by, s, map[fsm.State]int{fsm.TimeWait: 1}, map[fsm.State]int{fsm.TimeWait: 2}, map[fsm.State]int{fsm.TimeWait: 2})
		require.Equal(t, []fsm.State{from}, tn.crowded(), by)
		tn.server.wantState(6, fsm.Closed)
	}
}

// Where the oldest has to go, FIN-WAIT-2 does not count.
func TestTimeWaitLimitOldest(t *testing.T) {
	s := FreeBSD()
	s.TimeWaitLimit = 1
	for _, by := range []string{"close", "shutdown"} {
		tn := crowd(t, by, s, map[fsm.State]int{fsm.TimeWait: 1}, map[fsm.State]int{fsm.TimeWait: 1})
		require.Equal(t, []fsm.State{fsm.TimeWait}, tn.crowded(), by)
		tn.server.wantState(5, fsm.TimeWait)
	}
}

// A user that leaves in FIN-WAIT-2 leaves nothing behind where there is no room.
func TestTimeWaitLimitDetached(t *testing.T) {
	s := Linux()
	s.TimeWaitLimit = 0
	tn := newTestNet(t, under(s))
	_, sfd := tn.connected()
	tn.want(tn.server.shutdown(sfd, ShutWr), "0")
	tn.pass(time.Second)
	tn.server.wantState(sfd, fsm.FinWait2)
	tn.want(tn.server.close(sfd), "0")
	tn.server.wantState(sfd, fsm.Closed)
	require.Equal(t, []fsm.State{fsm.FinWait2}, tn.crowded())
}
