package crowd

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// parked is a crowd of which every connection stays, in FIN-WAIT-2 at the client
// and in CLOSE-WAIT at the server. Two addresses give it ports enough.
func parked(clients int) Spec {
	s, _ := Find("close-wait-leak")
	s.Clients, s.Addresses, s.Descriptors = clients, 2, 1<<20
	s.PortLo = 1024
	return s
}

// heap is what lives on the heap.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What a parked connection costs, in octets. A client and its server are two. Of
// 383, some 300 are sim's conn, with a TCB of 232 and its part of a chunk; 32 a socket,
// which the server's end has and the client's has not (64 and 0); 31 the place in the
// table of tuples; 7 the table of descriptors; 12 the program's own. What has been
// read leaves nothing.
func TestMemory(t *testing.T) {
	if raced {
		t.Skip("the race detector takes memory of its own")
	}
	const clients = 100_000
	for _, c := range []struct {
		name           string
		request, reply int
		limit          float64
	}{
		{"no text", 0, 0, 400},
		{"text both ways", 100, 1000, 400},
	} {
		s := parked(clients)
		s.Request, s.Reply = c.request, c.reply
		s.After = time.Minute
		before := heap()
		w, err := newWorld(&s)
		require.NoError(t, err)
		require.NoError(t, w.play())
		w.arrivals = nil
		each := float64(heap()-before) / (2 * clients)
		require.Equal(t, clients, w.client.census().States[fsm.FinWait2])
		require.Equal(t, clients, w.server.census().States[fsm.CloseWait])
		t.Logf("%s: %.0f octets for each parked connection", c.name, each)
		require.Less(t, each, c.limit, c.name)
		runtime.KeepAlive(w)
	}
}
