package crowd

import (
	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// Result is what came of a crowd.
type Result struct {
	Spec     Spec
	Samples  []Sample
	Failures []Failure // in the order in which they first came
	Arrived  int       // clients
	Answered int       // of them
	Failed   int       // visits

	Restarted fsm.Time // when the server's process ended and started again; 0: never
	Back      fsm.Time // when it listened again, or Never
}

// numStates is how many states a connection has.
const numStates = fsm.TimeWait + 1

// Census is the sockets of one host at an instant.
type Census struct {
	States      [numStates]int // connections, by state; CLOSED is left out
	Descriptors int            // in use by its process, the standard streams among them
}

// Sample is one line of the time line.
type Sample struct {
	At       fsm.Time
	Arrived  int       // clients so far
	Answered int       // of them
	Failed   int       // visits that came to nothing
	Hosts    [2]Census // by Side
}

func (w *world) sample() {
	w.result.Samples = append(w.result.Samples, Sample{
		At: w.net.Now(), Arrived: w.result.Arrived, Answered: w.result.Answered, Failed: w.result.Failed,
		Hosts: [2]Census{w.client.census(), w.server.census()},
	})
}

func (p *party) census() Census {
	c := Census{Descriptors: p.open}
	counts := p.host.States()
	for s := range numStates {
		c.States[s] = counts[s]
	}
	return c
}

// Failure is one way in which calls failed.
type Failure struct {
	At     fsm.Time // when it came first
	Side   Side     // who made the call
	Call   string   // "connect"
	Error  string   // "EADDRNOTAVAIL", or what there is no errno for
	Client int      // whose visit it was; 0: nobody's
	Cause  string   // of the first, in a sentence
	Count  int
}

// What can fail without an errno.
const (
	overflow = "overflow" // of the listen queue: the SYN is dropped
	timeout  = "timeout"  // the client waits no longer
	eof      = "EOF"      // before the reply is complete
)

// fail notes a call that failed, with an errno that has this name, or with what there
// is no errno for. Client is whose visit it ended, or 0.
func (w *world) fail(side Side, call string, errno sim.Errno, err string, client int32) {
	if client > 0 {
		w.result.Failed++
	}
	for i := range w.result.Failures {
		if f := &w.result.Failures[i]; f.Side == side && f.Call == call && f.Error == err {
			f.Count++
			return
		}
	}
	w.result.Failures = append(w.result.Failures, Failure{
		At: w.net.Now(), Side: side, Call: call, Error: err, Client: int(client), Cause: w.cause(side, call, errno, err), Count: 1,
	})
}

// queueFull is how sim's log says that a SYN found no place.
const queueFull = "the listen queue is full"

// dropped hears of what the hosts drop: a SYN that a listen queue has no place
// for is no call's failure.
func (w *world) dropped(r *sim.Record) {
	if r.Why == queueFull {
		w.fail(Server, "listen", sim.OK, overflow, 0)
	}
}
