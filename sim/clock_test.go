package sim

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/tcpsim/tcpsim/fsm"
)

// Events come in the order of time, and those of one instant in the order in
// which they were queued, whatever is queued while they come.
func TestClockOrder(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		var c clock
		var model []event // kept in order by a stable sort
		now, id := fsm.Time(0), uint32(0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "push") {
				shift := rapid.IntRange(0, 40).Draw(t, "magnitude")
				e := event{at: now + fsm.Time(rapid.Uint64Range(0, 1<<shift).Draw(t, "after")), what: id}
				id++
				c.push(e)
				model = append(model, e)
				slices.SortStableFunc(model, func(a, b event) int { return int(min(1, max(-1, a.at-b.at))) })
				continue
			}
			limit := now + fsm.Time(rapid.Uint64Range(0, 1<<40).Draw(t, "limit"))
			due := len(model) > 0 && model[0].at <= limit
			require.Equal(t, due, c.due(limit))
			e, ok := c.pop(limit)
			require.Equal(t, due, ok)
			if ok {
				require.Equal(t, model[0], e)
				model = model[1:]
				now = e.at
			}
		}
		require.Equal(t, len(model), c.size)
	})
}

// BenchmarkQueue measures one pop and one push with a million events pending:
// half of them 10 ms ahead, a quarter 1 s, a quarter 60 s.
func BenchmarkQueue(b *testing.B) {
	var c clock
	rng := seeded{1}
	ahead := func() fsm.Time {
		jitter := fsm.Time(rng.Choose(0, 1_000_000))
		switch rng.Choose(0, 4) {
		case 0:
			return 60_000_000_000 + jitter
		case 1:
			return 1_000_000_000 + jitter
		default:
			return 10_000_000 + jitter
		}
	}
	for i := range uint32(1_000_000) {
		c.push(event{at: ahead(), what: i})
	}
	for range 3_000_000 { // into the steady state
		e, _ := c.pop(fsm.Never)
		e.at += ahead()
		c.push(e)
	}
	b.ReportAllocs()
	for b.Loop() {
		e, _ := c.pop(fsm.Never)
		e.at += ahead()
		c.push(e)
	}
}
