package sim

import (
	"math/bits"

	"github.com/tcpsim/tcpsim/fsm"
)

// event is something that is going to happen. Events of one instant happen in
// the order in which they were queued. Sixteen bytes: a queue of a million is
// moved through the cache again and again.
type event struct {
	at   fsm.Time
	gen  uint32 // of what it happens to, which may have been replaced meanwhile
	what uint32 // kind and number
}

// eventKind tells to what an event happens.
type eventKind uint32

const (
	evArrive  eventKind = iota << 30 // a packet reaches its host
	evTick                           // a connection has a deadline
	evTimeout                        // a call has waited long enough
)

func newEvent(at fsm.Time, k eventKind, id int32, gen uint32) event {
	return event{at, gen, uint32(k) | uint32(id)}
}

func (e event) kind() eventKind { return eventKind(e.what) &^ (1<<30 - 1) }

func (e event) id() int32 { return int32(e.what & (1<<30 - 1)) }

// clock is the queue of events, and with it virtual time: a monotone radix heap
// over nanoseconds. Time never runs backwards, which makes the heap legal, and
// order within an instant comes for free: nothing is ever moved past another of
// the same time.
type clock struct {
	buckets [65][]event
	next    int // of buckets[0]
	last    fsm.Time
	used    uint64 // which buckets above 0 are not empty, bit k-1 for bucket k
	size    int
}

// push queues an event, which must not lie before the last one popped.
func (c *clock) push(e event) {
	if e.at < c.last {
		panic("sim: event queued in the past")
	}
	k := bits.Len64(uint64(e.at ^ c.last))
	c.buckets[k] = append(c.buckets[k], e)
	if k > 0 {
		c.used |= 1 << (k - 1)
	}
	c.size++
}

// due reports whether an event lies no later than limit. It moves nothing.
func (c *clock) due(limit fsm.Time) bool {
	switch {
	case c.size == 0:
		return false
	case c.next < len(c.buckets[0]):
		return c.last <= limit
	}
	return firstOf(c.buckets[bits.TrailingZeros64(c.used)+1]) <= limit
}

func firstOf(bucket []event) fsm.Time {
	at := bucket[0].at
	for i := range bucket {
		at = min(at, bucket[i].at)
	}
	return at
}

// pop takes the next event if it lies no later than limit. It never looks
// further: time may still be moved to any instant up to limit.
func (c *clock) pop(limit fsm.Time) (event, bool) {
	if c.size == 0 {
		return event{}, false
	}
	if c.next == len(c.buckets[0]) && !c.refill(limit) || c.last > limit {
		return event{}, false
	}
	e := c.buckets[0][c.next]
	c.next++
	c.size--
	return e, true
}

// now gives the next event if it belongs to the instant of the last one.
func (c *clock) now() (event, bool) {
	if c.next == len(c.buckets[0]) {
		return event{}, false
	}
	return c.buckets[0][c.next], true
}

// refill spreads the lowest bucket over those below it, unless all of it lies
// behind limit. Each event moves down, so it is moved 64 times at the most.
func (c *clock) refill(limit fsm.Time) bool {
	k := bits.TrailingZeros64(c.used) + 1
	b := c.buckets[k]
	at := firstOf(b)
	if at > limit {
		return false
	}
	c.buckets[0], c.next = c.buckets[0][:0], 0
	c.last = at
	c.used &^= 1 << (k - 1)
	c.buckets[k] = b[:0]
	for _, e := range b {
		j := bits.Len64(uint64(e.at ^ at))
		c.buckets[j] = append(c.buckets[j], e)
		if j > 0 {
			c.used |= 1 << (j - 1)
		}
	}
	return true
}
