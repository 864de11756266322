package crowd

import (
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// countStep is the distance of the marks on an axis of counts up to top: one,
// two or five times a power of ten, and at most six of them.
func countStep(top int) int {
	for ten := 1; ; ten *= 10 {
		for _, f := range []int{1, 2, 5} {
			if ten*f*6 >= top {
				return ten * f
			}
		}
	}
}

// timeStep is the distance of the marks on an axis of time up to end: a length
// that clocks know, and at most ten of them.
func timeStep(end fsm.Time) fsm.Time {
	const day = 24 * time.Hour
	steps := []time.Duration{
		time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond,
		time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
		time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, day, 2 * day, 7 * day,
	}
	for _, d := range steps {
		if fsm.Time(d)*10 >= end {
			return fsm.Time(d)
		}
	}
	return fsm.Time(70 * day) // 10,000 hours are six of them
}

// spread moves labels apart that stand closer than gap, as little as it takes,
// within [lo, hi]. The places are in order.
func spread(at []int, gap, lo, hi int) {
	for i := range at {
		at[i] = max(at[i], lo)
		if i > 0 {
			at[i] = max(at[i], at[i-1]+gap)
		}
	}
	for i := len(at) - 1; i >= 0; i-- {
		limit := hi
		if i < len(at)-1 {
			limit = at[i+1] - gap
		}
		at[i] = min(at[i], limit)
	}
}
