package fsm

import (
	"fmt"
)

// Conn steps a TCB under a profile. One Conn can serve many TCBs in turn: see
// Bind.
type Conn struct {
	*block
	*notes
	prof     *Profile
	features Features

	// Trace asks for an action Fired for every rule that fires.
	Trace bool

	own Notes // where nobody else keeps them

	// What follows belongs to the step that runs.
	now      Time
	ev       Event // its segment is trimmed to what is still to be processed
	about    concern
	out      []Action
	rule     RuleID // which is running
	cause    RuleID // which asked for the output that is due
	ackNow   bool
	advanced bool // the segment acknowledged something new
	filled   bool // what was sent last filled a segment
	burst    int  // full segments of new text in a row
}

// block is the TCB under a name of its own, so that Conn can have a method TCB.
type block = TCB

type notes = Notes

// NewConn makes a Conn for t under p, which keeps the TCB's notes itself.
func NewConn(p *Profile, t *TCB) *Conn {
	c := &Conn{}
	c.Bind(p, t, &c.own)
	return c
}

// Bind makes c step t under p from now on, with its notes: zero if it has none.
func (c *Conn) Bind(p *Profile, t *TCB, n *Notes) {
	c.block, c.notes, c.prof, c.features = t, n, p, p.Features
}

// TCB gives a copy of the TCB.
func (c *Conn) TCB() TCB { return *c.block }

// Deadline tells when to step with a Tick, at the latest; Never if no timer runs.
func (c *Conn) Deadline() Time { return c.earliest() }

// Step carries out one event at the instant now, which must not come before
// that of the step before. It appends what is to be done to out, in order, and
// gives the result. It allocates nothing, as long as out has room.
//
// A panic tells of a broken rule of ours, never of bad input: any event is
// valid in any state.
func (c *Conn) Step(now Time, ev Event, out []Action) []Action {
	c.now, c.out = now, out
	c.rule, c.cause = 0, 0
	c.ackNow, c.advanced, c.filled, c.burst = false, false, false, 0
	c.ev = ev
	c.about = 0
	if ev.Kind == EvSegment {
		if !c.prof.IdleByAck {
			c.heard()
		}
		c.about = c.concern(&c.ev.Seg)
	}
	c.run()
	if c.prof.IdleByAck && ev.Kind == EvSegment && c.passed() {
		c.heard()
	}
	if c.State != Closed && c.State != Listen {
		c.armTimers()
	}
	out, c.out = c.out, nil
	return out
}

// passed reports whether the segment of this step was accepted: not dropped, nor nothing
// but an old ACK.
func (c *Conn) passed() bool {
	seg := &c.ev.Seg
	if seg.SeqLen() == 0 && seg.Ack.Less(c.SndUna) {
		return false
	}
	for i := range c.out {
		if c.out[i].Kind == Drop {
			return false
		}
	}
	return true
}

// run goes through the rules of the event in order, those that its concern
// leaves. A rule whose switches are on and whose guard holds fires, and says
// where processing goes on.
func (c *Conn) run() {
	seg := &c.ev.Seg
	state, about := c.State, c.about
	rows := program[c.ev.Kind][about][state].rows
	lack := ^need(c.features, c.flags)
	for i := 0; i < len(rows); {
		r := &rows[i]
		if r.need&lack != 0 || r.when != nil && !r.when(c, seg) {
			i++
			continue
		}
		c.rule = r.id
		if c.Trace {
			a := c.act(Fired)
			a.From, a.To = c.State, c.State
		}
		if r.do != nil {
			r.do(c, seg)
			lack = ^need(c.features, c.flags)
			if c.State != state || c.about != about { // other rules apply from here on
				state, about = c.State, c.about
				p := &program[c.ev.Kind][about][state]
				rows, i = p.rows, int(p.first[r.next])
				continue
			}
		}
		i = int(r.jump)
	}
}

// enter changes the state. The rule that runs must have said that it may.
func (c *Conn) enter(s State) {
	if r := c.rule.Rule(); r == nil || !r.To.Has(s) {
		panic(fmt.Sprintf("fsm: rule %v enters %v and does not say so", c.rule, s))
	}
	from := c.State
	c.State = s
	switch s {
	case Closed, Listen:
		c.stopTimers()
	case TimeWait:
		c.forgetAnswers()
		// "Start the time-wait timer, turn off the other timers."
		c.stopTimers()
		c.WaitAt = c.after(c.prof.TimeWait)
	case FinWait2:
		c.limitFinWait2()
	case SynSent, SynReceived, Established, FinWait1, CloseWait, Closing, LastAck:
	}
	a := c.act(Enter)
	a.From, a.To = from, s
}

// forgetAnswers lets the limit of answers begin anew, where those that are not challenges
// count too: what is left of the connection keeps an account of its own.
func (c *Conn) forgetAnswers() {
	if c.features&AnswersLimited != 0 {
		c.challenges = 0
		c.challengeAt, c.challenged = 0, [MaxChallenges]uint16{}
	}
}

// act gives an action, signed with the rule that runs, to be filled in at once.
func (c *Conn) act(k ActionKind) *Action {
	n := len(c.out)
	if n < cap(c.out) {
		c.out = c.out[:n+1]
	} else {
		c.out = append(c.out, Action{})
	}
	a := &c.out[n]
	*a = Action{Kind: k, Rule: c.rule}
	return a
}

func (c *Conn) reply(r Result, n uint32) {
	a := c.act(Reply)
	a.Result, a.N = r, n
}

// notify tells the user something; From is the state in which it happened.
func (c *Conn) notify(r Result) {
	a := c.act(Notify)
	a.Result, a.From, a.To = r, c.State, c.State
}

func (c *Conn) drop() { c.act(Drop) }

// wantAck asks for an ACK to be sent before the step ends, on a segment with
// text if there is one.
func (c *Conn) wantAck() {
	c.ackNow = true
	c.cause = c.rule
}

// wantOutput makes the rule that runs answer for what is sent in this step.
func (c *Conn) wantOutput() { c.cause = c.rule }
