package fsm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Guards read and effects act: a guard that is asked changes neither the TCB nor
// the segment nor what belongs to the step, on any TCB and event of many scripts.
func TestGuardsArePure(t *testing.T) {
	rules := Rules()
	held := make([]int, len(rules)) // how often each guard held
	n := 0
	for seed := range uint64(150) {
		seen := func(watched *Conn, ev Event) {
			n++
			tcb := watched.block
			copied, notes := *tcb, *watched.notes
			prof := RFC9293
			c := NewConn(&prof, &copied)
			c.own = notes
			c.now, c.ev = tcb.earliest(), ev
			if c.now == Never {
				c.now = tcb.FirstAt
			}
			was := *c
			for i, r := range rules {
				if r.When == nil || !r.In.Has(tcb.State) || r.On != ev.Kind && r.At < AtClose {
					continue
				}
				seg := ev.Seg
				if r.When(c, &seg) {
					held[i]++
				}
				require.Equal(t, ev.Seg, seg, "%s changes the segment", r.Name)
				if copied != *tcb {
					require.Equal(t, *tcb, copied, "%s changes the TCB", r.Name)
				}
				require.Equal(t, notes, c.own, "%s changes the notes", r.Name)
				require.Empty(t, c.out, "%s acts", r.Name)
				same := c.ev == was.ev && c.now == was.now && c.rule == was.rule && c.cause == was.cause &&
					c.ackNow == was.ackNow && c.advanced == was.advanced && c.features == was.features && c.Trace == was.Trace
				require.True(t, same, "%s changes the step", r.Name)
			}
		}
		data := randomScript(seed, 600)
		playAlone(data, false, seen)
		playPair(data, false, seen)
	}
	require.Greater(t, n, 5000)
	asked := 0
	for i, r := range rules {
		if r.When != nil && held[i] > 0 {
			asked++
		}
	}
	require.Greater(t, asked, 50, "guards that held")
}

// A profile is read and never written.
func TestProfileIsReadOnly(t *testing.T) {
	for seed := range uint64(100) {
		data := randomScript(seed, 600)
		for _, w := range playPair(data, false, nil) {
			s := &script{data: data}
			b := s.turn()
			a, z := b.profile(), b.profile()
			require.Contains(t, []Profile{a, z}, w.prof)
		}
	}
}

// A step depends on the TCB, the profile, the time and the event alone: played
// again it gives the same, action by action, and a Conn that has served other
// TCBs brings nothing along.
func TestStepIsAFunction(t *testing.T) {
	other := newTestConn(t, Established, timestamps(1000), sack)
	for seed := range uint64(60) {
		seen := func(watched *Conn, ev Event) {
			tcb := watched.block
			prof := RFC9293
			now := max(tcb.FirstAt, 0)
			var outs [2][]Action
			var tcbs [2]TCB
			var notes [2]Notes
			for i := range outs {
				tcbs[i], notes[i] = *tcb, *watched.notes
				c := other.c
				if i == 0 {
					c = NewConn(&prof, &tcbs[i])
				}
				c.Bind(&prof, &tcbs[i], &notes[i])
				c.Trace = true
				outs[i] = c.Step(now, ev, nil)
			}
			require.Equal(t, tcbs[0], tcbs[1])
			require.Equal(t, notes[0], notes[1])
			require.Equal(t, outs[0], outs[1])
		}
		playAlone(randomScript(seed, 600), false, seen)
	}
	other.c.Bind(&other.prof, &other.tcb, &Notes{})
}
