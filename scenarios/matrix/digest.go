package matrix

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Digest is the matrix in a form to be read, in Markdown: what comes of each cell
// under the first profile, and for the others what differs. Rows that come to the same
// are one row, and a peer or a profile is named only where it matters. results are
// those of all cells of the profiles.
func Digest(profiles []string, results []Result) string {
	d := digest{profiles: profiles, at: map[Cell]*Result{}, habits: map[string]habits{}}
	for i := range results {
		d.at[results[i].Cell] = &results[i]
	}
	for _, p := range profiles {
		d.habits[p] = d.habitsOf(p)
	}
	var b strings.Builder
	fmt.Fprintf(&b, digestHead, Sum(results), someText, LingerSeconds, delay, lateBy, profiles[0], strings.Join(profiles[1:], ", "))
	d.habitsTable(&b)
	for _, s := range States {
		fmt.Fprintf(&b, "\n## %v\n\n", s)
		d.state(&b, s)
		d.changes(&b, s)
		d.unreachable(&b, s)
	}
	return b.String()
}

const digestHead = `Every way in which a program can end a connection, played: %v.
` + "`tcpsim matrix`" + ` prints each of the cells with its segments, and ` + "`tcpsim matrix --export DIR`" + ` writes it as a script.

A row tells what comes of a call that finds the connection in the state. *unread* is text (%d octets) that came and was
not read; *unsent* text is held back, *unacked* text is on its way, and *zero-window* text waits behind the peer's closed
window. Linger *n* is %d in SO_LINGER, which counts seconds, under darwin hundredths of one; *blocking* or *nonblocking* says of
which descriptors a row tells. *dup-close* closes one descriptor of two. The peer is %v away: it *acks*, or does so
%v *late*, or *never*; it answers with a *fin* of its own; or its *rst* crosses what the call sends. The late peer of
a zero window reads. What is told: the result of the call, with the time that it blocks; what the local TCP sends but
for pure ACKs; the states of the local connection from then on, with the time after which it is CLOSED, and the peer's
last one. An hour after the call a state is taken to last.

The first table of a state is that of %s. The second tells what differs under %s, and where:
what is returned, sent or not sent, the states from the first that is another, the peer's last one. Where a cell comes to
something else altogether, that is told as in the first table, with the result of the call in *italics*. Whether text and FIN leave in one
segment or in two does not count, nor whether Winsock or POSIX names an error. Nor do two habits of systems, for they are the
same in every state:
`

type digest struct {
	profiles []string
	at       map[Cell]*Result
	habits   map[string]habits
}

// box is a set of rows: every combination of its values.
type box struct {
	calls, lingers, pendings, peers []string
	text                            string
}

// axes are those of a box, in the order in which they are joined. What a linger
// time does depends on whether the descriptor blocks, so the two are one.
var axes = []func(*box) *[]string{
	func(b *box) *[]string { return &b.lingers },
	func(b *box) *[]string { return &b.pendings },
	func(b *box) *[]string { return &b.calls },
	func(b *box) *[]string { return &b.peers },
}

// state writes the rows of one state.
func (d *digest) state(b *strings.Builder, s fsm.State) {
	var rows []box
	for _, c := range Cells([]string{""}, Filter{
		States: []string{strings.ToLower(s.String())}, Peers: []string{PeerNames[0]},
	}) {
		if text := d.row(c); text != "" {
			rows = append(rows, box{
				[]string{c.Call.String()}, []string{c.Linger.String() + " " + c.Mode.String()}, []string{c.Pending.String()}, nil, text,
			})
		}
	}
	b.WriteString("| call | linger | pending | what comes of it |\n| --- | --- | --- | --- |\n")
	for _, r := range join(rows) {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", values(r.calls, CallNames), lingers(r.lingers),
			values(r.pendings, PendingNames), r.text)
	}
}

// values lists values of an axis; all of them are "any".
func values(list, all []string) string {
	if len(list) == len(all) {
		return "any"
	}
	return strings.Join(list, ", ")
}

// lingers lists settings of SO_LINGER, with the mode where it matters.
func lingers(list []string) string {
	if len(list) == len(LingerNames)*len(ModeNames) {
		return "any"
	}
	var words []string
	for _, l := range LingerNames {
		var modes []string
		for _, m := range ModeNames {
			if slices.Contains(list, l+" "+m) {
				modes = append(modes, m)
			}
		}
		switch len(modes) {
		case 0:
		case len(ModeNames):
			words = append(words, l)
		default:
			words = append(words, l+" "+strings.Join(modes, " "))
		}
	}
	return strings.Join(words, ", ")
}

// join makes one box of boxes that differ in one axis only.
func join(rows []box) []box {
	for this, axis := range axes {
		var joined []box
		for _, r := range rows {
			k := slices.IndexFunc(joined, func(o box) bool {
				for i, other := range axes {
					if i != this && !slices.Equal(*other(&o), *other(&r)) {
						return false
					}
				}
				return o.text == r.text
			})
			if k < 0 {
				joined = append(joined, r)
				continue
			}
			into := axis(&joined[k])
			*into = append(slices.Clip(*into), *axis(&r)...)
		}
		rows = joined
	}
	return rows
}

// row tells what comes of a call under the first profile for every peer, in one cell of
// a table; "" if no peer makes it possible.
func (d *digest) row(c Cell) string {
	c.Profile = d.profiles[0]
	var texts []string
	peers := map[string][]string{}
	for k, name := range PeerNames {
		c.Peer = Peer(k)
		if r := d.at[c]; r != nil && r.Reason == "" {
			text := r.short()
			texts = with(texts, text)
			peers[text] = append(peers[text], name)
		}
	}
	if len(texts) == 1 {
		return "any peer: " + texts[0]
	}
	for i, text := range texts {
		texts[i] = "*" + strings.Join(peers[text], ", ") + "*: " + text
	}
	return strings.Join(texts, "<br>")
}

// short is an outcome in few words: without what every profile has its own number
// or form for, so that profiles differ only where their rules do.
func (r *Result) short() string {
	var parts []string
	if told := r.told(); told != "" {
		parts = append(parts, told)
	}
	if sent := r.sends(); sent != nil {
		parts = append(parts, strings.Join(sent, ", "))
	}
	states := "stays"
	if len(r.Local) > 1 {
		states = "→ " + strings.Join(stateNames(r.Local[1:]), " → ")
	}
	return strings.Join(append(parts, states+r.inTime(), "peer "+r.peer().String()), "; ")
}

// told is the result of the call, with the time that it blocks.
func (r *Result) told() string {
	switch {
	case r.Blocked >= LingerSeconds*time.Second:
		return r.Answer + " when the linger time is over"
	case r.Blocked > 0:
		return r.Answer + " after a wait"
	}
	return r.Answer
}

func (r *Result) inTime() string {
	if r.Closed >= time.Second {
		return " in time"
	}
	return ""
}

// peer is the last state of the peer's connection.
func (r *Result) peer() fsm.State { return r.Peer[len(r.Peer)-1] }

// sends names what the local TCP sends, pure ACKs left out, each kind once.
func (r *Result) sends() []string {
	var kinds []string
	for _, b := range r.Bursts {
		for _, s := range b.Segments {
			kind := ""
			switch {
			case s.From != hostNames[local]:
			case s.flags&fsm.RST != 0:
				kind = "RST"
			case s.flags&fsm.FIN != 0 && s.text:
				kind = "text and FIN"
			case s.flags&fsm.FIN != 0:
				kind = "FIN"
			case s.flags&fsm.SYN != 0:
				kind = "SYN"
			case s.text:
				kind = "text"
			}
			if kind != "" {
				kinds = with(kinds, kind)
			}
		}
	}
	if r.Endless {
		kinds = append(kinds, "probes without end")
	}
	return kinds
}

// unreachable lists why cells of a state cannot be.
func (d *digest) unreachable(b *strings.Builder, s fsm.State) {
	type told struct {
		why             string
		pendings, peers []string
		cells           int
	}
	var list []told
	for _, c := range Cells(d.profiles, Filter{States: []string{strings.ToLower(s.String())}}) {
		r := d.at[c]
		if r == nil || r.Reason == "" {
			continue
		}
		i := slices.IndexFunc(list, func(t told) bool { return t.why == r.Reason })
		if i < 0 {
			i = len(list)
			list = append(list, told{why: r.Reason})
		}
		t := &list[i]
		t.cells++
		t.pendings = with(t.pendings, c.Pending.String())
		t.peers = with(t.peers, c.Peer.String())
	}
	if list == nil {
		return
	}
	b.WriteString("\nCannot be:\n\n")
	for _, t := range list {
		fmt.Fprintf(b, "- pending %s, peer %s (%d cells): %s\n", values(chosen(PendingNames, t.pendings), PendingNames),
			values(chosen(PeerNames, t.peers), PeerNames), t.cells, t.why)
	}
}

func with(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}
