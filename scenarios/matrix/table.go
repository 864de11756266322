package matrix

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Formats are the forms in which Write writes results.
var Formats = []string{"text", "markdown", "csv", "json"}

// Write writes results as a table, with a summary where the form has a place for
// it: text, markdown and json.
func Write(w io.Writer, format string, results []Result) error {
	switch format {
	case "markdown":
		return writeMarkdown(w, results)
	case "csv":
		return writeCSV(w, results)
	case "json":
		return writeJSON(w, results)
	}
	return writeText(w, results)
}

// String writes the summary in a line.
func (s Summary) String() string {
	text := fmt.Sprintf("%d cells, %d reachable, %d distinct outcomes, ", s.Cells, s.Reachable, s.Outcomes)
	if s.Broken == 0 {
		return text + "no invariant violated"
	}
	return text + fmt.Sprintf("%d invariants violated", s.Broken)
}

func writeText(w io.Writer, results []Result) error {
	var b strings.Builder
	for i := range results {
		r := &results[i]
		b.WriteString(r.Cell.Name() + "\n")
		if r.Reason != "" {
			fmt.Fprintf(&b, "    unreachable: %s\n", r.Reason)
		} else {
			fmt.Fprintf(&b, "    call   %s\n    wire   %s\n    local  %s\n    peer   %s\n", r.Call(), r.Wire(), r.LocalPath(),
				Path(r.Peer))
		}
		for _, v := range r.Broken {
			fmt.Fprintf(&b, "    VIOLATED %s\n", v)
		}
	}
	fmt.Fprintf(&b, "%v\n", Sum(results))
	_, err := io.WriteString(w, b.String())
	return err
}

// columns are the heads of a row.
var columns = []string{
	"profile", "state", "call", "linger", "mode", "pending", "peer", "result", "blocked", "segments", "local states",
	"peer states", "rules", "unreachable", "violated",
}

// row is a result in columns.
func (r *Result) row() []string {
	c := r.Cell
	row := []string{
		c.Profile, c.State.String(), c.Call.String(), c.Linger.String(), c.Mode.String(), c.Pending.String(),
		c.Peer.String(), "", "", "", "", "", "", r.Reason, strings.Join(r.Broken, "; "),
	}
	if r.Reason == "" {
		copy(row[7:], []string{
			r.Answer, seconds(r.Blocked), r.Wire(), r.LocalPath(), Path(r.Peer), strings.Join(r.ruleNames(), " "),
		})
	}
	return row
}

// ruleNames are the rules that have fired, with the host in front.
func (r *Result) ruleNames() []string {
	var names []string
	for h, rules := range r.Rules {
		for _, n := range rules {
			names = append(names, hostNames[h]+":"+n)
		}
	}
	return names
}

func seconds(d time.Duration) string { return fmt.Sprintf("%g", d.Seconds()) }

func writeMarkdown(w io.Writer, results []Result) error {
	var b strings.Builder
	b.WriteString("| " + strings.Join(columns, " | ") + " |\n|" + strings.Repeat(" --- |", len(columns)) + "\n")
	for i := range results {
		row := results[i].row()
		for k := range row {
			row[k] = escape(row[k])
		}
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	fmt.Fprintf(&b, "\n%v.\n", Sum(results))
	_, err := io.WriteString(w, b.String())
	return err
}

// escape keeps Markdown from reading segments as markup.
func escape(s string) string { return strings.NewReplacer("|", `\|`, "<", `\<`, ">", `\>`).Replace(s) }

func writeCSV(w io.Writer, results []Result) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	for i := range results {
		if err := out.Write(results[i].row()); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

type jsonSegment struct {
	After float64 `json:"after"` // seconds behind the call
	From  string  `json:"from"`
	Text  string  `json:"text"`
}

type jsonBurst struct {
	Times    int           `json:"times"`
	Segments []jsonSegment `json:"segments"`
}

type jsonCell struct {
	Cell        string      `json:"cell"`
	Profile     string      `json:"profile"`
	State       string      `json:"state"`
	Call        string      `json:"call"`
	Linger      string      `json:"linger"`
	Mode        string      `json:"mode"`
	Pending     string      `json:"pending"`
	Peer        string      `json:"peer"`
	Unreachable string      `json:"unreachable,omitempty"`
	Result      string      `json:"result,omitempty"`
	Blocked     float64     `json:"blocked"` // seconds
	Bursts      []jsonBurst `json:"sent,omitempty"`
	Endless     bool        `json:"endless,omitempty"`
	Closed      *float64    `json:"closed_after,omitempty"` // seconds
	Local       []string    `json:"local_states,omitempty"`
	PeerStates  []string    `json:"peer_states,omitempty"`
	LocalRules  []string    `json:"local_rules,omitempty"`
	PeerRules   []string    `json:"peer_rules,omitempty"`
	Violated    []string    `json:"violated,omitempty"`
}

func writeJSON(w io.Writer, results []Result) error {
	sum := Sum(results)
	all := struct {
		Cells     int        `json:"cells"`
		Reachable int        `json:"reachable"`
		Outcomes  int        `json:"outcomes"`
		Violated  int        `json:"violated"`
		Matrix    []jsonCell `json:"matrix"`
	}{sum.Cells, sum.Reachable, sum.Outcomes, sum.Broken, []jsonCell{}}
	for i := range results {
		all.Matrix = append(all.Matrix, results[i].json())
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(all)
}

func (r *Result) json() jsonCell {
	c := r.Cell
	out := jsonCell{
		Cell: c.Name(), Profile: c.Profile, State: c.State.String(), Call: c.Call.String(), Linger: c.Linger.String(),
		Mode: c.Mode.String(), Pending: c.Pending.String(), Peer: c.Peer.String(), Unreachable: r.Reason,
		Result: r.Answer, Blocked: r.Blocked.Seconds(), Endless: r.Endless, Local: stateNames(r.Local),
		PeerStates: stateNames(r.Peer), LocalRules: r.Rules[local], PeerRules: r.Rules[peer], Violated: r.Broken,
	}
	if n := len(r.Local); n > 0 && r.Local[n-1] == fsm.Closed {
		after := r.Closed.Seconds()
		out.Closed = &after
	}
	for _, b := range r.Bursts {
		row := jsonBurst{Times: b.Times}
		for _, s := range b.Segments {
			row.Segments = append(row.Segments, jsonSegment{s.After.Seconds(), s.From, s.Text})
		}
		out.Bursts = append(out.Bursts, row)
	}
	return out
}

func stateNames(states []fsm.State) []string {
	var names []string
	for _, s := range states {
		names = append(names, s.String())
	}
	return names
}
