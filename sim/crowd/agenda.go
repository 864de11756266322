package crowd

import (
	"slices"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// due is something that a program is going to do about a descriptor, unless the
// descriptor has come to stand for something else by then.
type due struct {
	at  fsm.Time
	fd  int32
	gen uint32
}

// agenda is what a program is going to do after one length of time: as the
// length is always the same, what comes first was entered first.
type agenda struct {
	list []due
	next int
}

func (a *agenda) add(d due) {
	if a.next > 64 && a.next > len(a.list)/2 { // most of it is over
		a.list = append(a.list[:0], a.list[a.next:]...)
		a.next = 0
	}
	a.list = append(a.list, d)
}

// at is when the next is due, or Never.
func (a *agenda) at() fsm.Time {
	if a.next == len(a.list) {
		return fsm.Never
	}
	return a.list[a.next].at
}

func (a *agenda) take() due {
	a.next++
	return a.list[a.next-1]
}

func (a *agenda) clear() { a.list, a.next = a.list[:0], 0 }

// arrivals gives the instants at which clients come, in order. At random, each
// instant is equally likely for each client, which is a Poisson process of which
// the number is known.
func arrivals(s *Spec, choose sim.Chooser) []fsm.Time {
	at := make([]fsm.Time, s.Clients)
	for i := range at {
		if s.Even {
			whole, part := uint64(s.Duration)/uint64(s.Clients), uint64(s.Duration)%uint64(s.Clients)
			at[i] = fsm.Time(uint64(i)*whole + uint64(i)*part/uint64(s.Clients))
		} else {
			at[i] = fsm.Time(choose.Choose(sim.ChooseArrival, uint64(s.Duration)))
		}
	}
	slices.Sort(at)
	return at
}
