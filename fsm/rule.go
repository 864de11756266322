package fsm

import "fmt"

// Rule is one row of the machine: in which states, on which event and at which
// place in the RFC's order it applies, what must hold, and what it does. Of the
// rows of one check, the first that applies and whose guard holds is the one
// that fires.
type Rule struct {
	Name string   // "synsent-ack-unacceptable": unique, stable, shown in traces
	Cite Cite     // the clause that it carries out
	Says string   // one line, in our words
	With Features // switches that must be on
	On   EventKind
	At   Check                      // its place in the RFC's order
	In   States                     // where it applies
	When func(*Conn, *Segment) bool // the guard; nil holds always. It changes nothing
	have tcbFlags                   // what the TCB must have noted: a guard that costs no call
	Do   func(*Conn, *Segment)      // the effect; nil has none
	To   States                     // every state that Do may enter
	Then Verdict                    // how processing goes on
	Skip Check                      // for SkipTo: where
}

// Event names the event that the rule is for; the output rules are for any.
func (r *Rule) Event() string {
	if r.At >= AtClose {
		return "any"
	}
	return r.On.String()
}

// Cite names a clause: "RFC 9293 3.10.7.4, fifth" and the number of the
// requirement, if it has one.
type Cite struct {
	RFC  int
	Sec  string // "3.10.7.4"
	Step string // "first" to "eighth", a state, or a number in brackets: the place within the section
	Req  string // "MUST-12", "SHLD-3", "MAY-2"
}

func (c Cite) String() string {
	s := fmt.Sprintf("RFC %d %s", c.RFC, c.Sec)
	if c.Step != "" {
		s += ", " + c.Step
	}
	if c.Req != "" {
		s += ", " + c.Req
	}
	return s
}

// Check is a place in the RFC's order of processing. Processing goes forward
// only.
type Check uint8

// The checks. The first group belongs to calls, the second to arriving
// segments, the third to timeouts; every event ends with the output checks.
const (
	AtCall Check = iota // what a call does in its state (RFC 9293 3.10.1 to 3.10.6)

	AtAckBit    // SYN-SENT: first, check the ACK bit (RFC 9293 3.10.7.3); TIME-WAIT: what an ACK restarts
	AtSeq       // first, check sequence number (RFC 9293 3.10.7.4)
	AtRST       // the RST bit: first in LISTEN, second elsewhere
	AtListenAck // LISTEN: second, check for an ACK (RFC 9293 3.10.7.2)
	AtSYN       // the SYN bit: third in LISTEN, fourth elsewhere
	AtOther     // LISTEN: fourth; SYN-SENT: fifth
	AtAck       // fifth, check the ACK field
	AtLoss      // what its SACK blocks tell (RFC 6675 5)
	AtWindow    // fifth, the send window
	AtFinAcked  // fifth, is our FIN acknowledged
	AtURG       // sixth, check the URG bit
	AtText      // seventh, process the segment text
	AtFIN       // eighth, check the FIN bit

	AtUserTimeout // RFC 9293 3.10.8
	AtTimeWait
	AtRexmt
	AtDelayedAck
	AtKeepAlive

	AtClose       // a CLOSE that waited
	AtOutputText  // text and FIN that may be sent now
	AtCloseBehind // a CLOSE that waited for the text
	AtOutputAck   // an ACK that is due

	numChecks
)

var checkNames = [numChecks]string{
	"call", "ACK bit", "sequence number", "RST bit", "ACK bit", "SYN bit", "other",
	"ACK field", "loss", "send window", "FIN acknowledged", "URG bit", "text", "FIN bit",
	"user timeout", "time-wait timeout", "retransmission timeout", "delayed ACK", "keep-alive",
	"pending close", "output", "pending close", "output",
}

func (k Check) String() string { return checkNames[k] }

// Verdict tells how processing goes on after a rule has fired.
type Verdict uint8

// The verdicts.
const (
	Next   Verdict = iota // with the next check
	Done                  // with output: the RFC's "and return"
	SkipTo                // with the check that the rule names
)

// RuleID is the number of a rule in Rules, counted from 1; 0 is none.
type RuleID uint8

// Rule gives the rule, or nil for 0.
func (id RuleID) Rule() *Rule {
	if id == 0 || int(id) > len(table) {
		return nil
	}
	return &table[id-1]
}

// String gives the rule's name.
func (id RuleID) String() string {
	if r := id.Rule(); r != nil {
		return r.Name
	}
	return "none"
}

// Rules gives the table, in the RFC's order. It is a copy.
func Rules() []Rule { return append([]Rule(nil), table...) }

// FindRule gives the number of the rule of that name, or 0.
func FindRule(name string) RuleID {
	for i := range table {
		if table[i].Name == name {
			return RuleID(i + 1)
		}
	}
	return 0
}

// table is the machine. It is filled once, before main, and then only read: an
// initializer would be a cycle, as effects reach rules through Conn.
var table []Rule

// program is the table sorted for running: the rules for each event, what it is
// about, and each state.
var program [numEvents][numConcerns][numStates]procedure

// procedure lists rules in the order of their checks, and within a check in the
// order of the table.
type procedure struct {
	first [numChecks + 1]uint8 // where the rules of a check begin
	rows  []row
}

// row is a rule as it runs.
type row struct {
	when func(*Conn, *Segment) bool
	do   func(*Conn, *Segment)
	need uint64 // With and have
	id   RuleID
	next Check // where processing goes on when the rule has fired
	jump uint8 // the row where that begins
}

// need is what must be on for a rule to be tried: switches of the profile, 48 of
// them, and what the TCB has noted, 16 of its flags.
func need(with Features, have tcbFlags) uint64 {
	return uint64(with)&(1<<needSwitches-1) | uint64(have)<<needSwitches
}

const needSwitches = 48

// concern tells which of the checks that look at one control bit, or at text, a
// segment gives something to do. Their rules ask for nothing else, so the other
// checks need not be tried.
type concern uint8

const (
	aboutRST concern = 1 << iota
	aboutSYN
	aboutURG
	aboutText
	aboutFIN

	numConcerns
)

var concerns = [numChecks]concern{
	AtRST: aboutRST, AtSYN: aboutSYN, AtURG: aboutURG, AtText: aboutText, AtFIN: aboutFIN,
}

// concern tells what the segment is about. A FIN may have been held behind the
// gap that the segment fills.
func (c *Conn) concern(seg *Segment) concern {
	about := ofFlags[seg.Flags&(FIN|SYN|RST|URG|PSH|ACK)]
	if seg.Len != 0 {
		about |= aboutText
	}
	if c.is(flagFinHeld) {
		about |= aboutFIN
	}
	return about
}

// ofFlags gives what control bits are about.
var ofFlags = func() (t [64]concern) {
	for f := range t {
		for i, about := range [...]concern{aboutFIN, aboutSYN, aboutRST, 0, 0, aboutURG} {
			if f>>i&1 != 0 {
				t[f] |= about
			}
		}
	}
	return t
}()

func init() {
	for _, rules := range [][]Rule{
		callRules, setRules, unsyncRules, timeWaitSynRules, pawsRules, timeWaitRules, seqRules, rstRules,
		ackRules, textRules, finRules, timeoutRules, outputRules,
	} {
		table = append(table, rules...)
	}
	sorted := make([]RuleID, 0, len(table))
	for at := range numChecks {
		for i := range table {
			if table[i].At == at {
				sorted = append(sorted, RuleID(i+1))
			}
		}
	}
	store := make([]row, 0, 1<<13) // one for all procedures
	for ev := range numEvents {
		about := concern(1)
		if ev == EvSegment {
			about = numConcerns
		}
		for about > 0 {
			about--
			for s := range numStates {
				store = program[ev][about][s].compile(sorted, ev, about, s, store)
			}
		}
	}
}

// compile makes the procedure for one event in one state, in store.
func (p *procedure) compile(sorted []RuleID, ev EventKind, about concern, s State, store []row) []row {
	begin := len(store)
	at := Check(0)
	for _, id := range sorted {
		r := &table[id-1]
		if concerns[r.At]&^about != 0 || r.On != ev && r.At < AtClose || !r.In.Has(s) {
			continue
		}
		for ; at <= r.At; at++ {
			p.first[at] = uint8(len(store) - begin)
		}
		store = append(store, row{when: r.When, do: r.Do, need: need(r.With, r.have), id: id, next: r.next()})
	}
	p.rows = store[begin:len(store):len(store)]
	for ; at <= numChecks; at++ {
		p.first[at] = uint8(len(p.rows))
	}
	for i := range p.rows {
		p.rows[i].jump = p.first[p.rows[i].next]
	}
	return store
}

// next is the check with which processing goes on when the rule has fired.
func (r *Rule) next() Check {
	switch r.Then {
	case Done:
		return max(r.At+1, AtClose)
	case SkipTo:
		return r.Skip
	case Next:
	}
	return r.At + 1
}
