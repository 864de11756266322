package crowd

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
)

// small is the share of the largest count of all up to which a state is counted
// with the others where people read, one in a hundred.
const small = 100

// shown tells which states of a host are worth a column or a line: those that
// are ever more than a small share. A listening socket is always there.
func (r *Result) shown(side Side) []fsm.State {
	var peak [2][numStates]int
	top := 0
	for i := range r.Samples {
		for h := range r.Samples[i].Hosts {
			for s := fsm.SynSent; s < numStates; s++ {
				n := r.Samples[i].Hosts[h].States[s]
				peak[h][s] = max(peak[h][s], n)
				top = max(top, n)
			}
		}
	}
	var list []fsm.State
	for s := fsm.SynSent; s < numStates; s++ {
		if peak[side][s] > top/small {
			list = append(list, s)
		}
	}
	return list
}

// column is one column of the table.
type column struct {
	head  string
	value func(*Sample) string
}

// Text writes the time line as a table, and the failures below it.
func (r *Result) Text(w io.Writer) error {
	b := bufio.NewWriter(w)
	fmt.Fprintf(b, "%s\n%s\n\n", r.Spec.Heading(), &r.Spec)
	number := func(get func(*Sample) int) func(*Sample) string {
		return func(s *Sample) string { return strconv.Itoa(get(s)) }
	}
	groups := [3][]column{{
		{"time", func(s *Sample) string { return clock(s.At) }},
		{"clients", number(func(s *Sample) int { return s.Arrived })},
		{"answered", number(func(s *Sample) int { return s.Answered })},
		{"failed", number(func(s *Sample) int { return s.Failed })},
	}}
	for _, side := range []Side{Client, Server} {
		shown := r.shown(side)
		list := []column{{"descriptors", number(func(s *Sample) int { return s.Hosts[side].Descriptors })}}
		for _, st := range shown {
			list = append(list, column{st.String(), number(func(s *Sample) int { return s.Hosts[side].States[st] })})
		}
		groups[1+side] = append(list, column{"other", number(func(s *Sample) int { return s.Hosts[side].other(shown) })})
	}
	r.table(b, groups[:])
	fmt.Fprintln(b)
	r.textFailures(b)
	return b.Flush()
}

// other counts the connections whose state has no column; a listening socket is
// none.
func (c *Census) other(shown []fsm.State) int {
	n := 0
	for s := fsm.SynSent; s < numStates; s++ {
		n += c.States[s]
	}
	for _, s := range shown {
		n -= c.States[s]
	}
	return n
}

// table writes columns to the right, each group under its host's name.
func (r *Result) table(b *bufio.Writer, groups [][]column) {
	names := []string{"", Client.String(), Server.String()}
	var hosts, heads strings.Builder
	rows := make([]strings.Builder, len(r.Samples))
	for g, columns := range groups {
		begin := heads.Len()
		if g > 0 {
			heads.WriteString(" |")
		}
		for _, c := range columns {
			width := len(c.head)
			for i := range r.Samples {
				width = max(width, len(c.value(&r.Samples[i])))
			}
			fmt.Fprintf(&heads, "  %*s", width, c.head)
			for i := range rows {
				if g > 0 && c.head == columns[0].head {
					rows[i].WriteString(" |")
				}
				fmt.Fprintf(&rows[i], "  %*s", width, c.value(&r.Samples[i]))
			}
		}
		if g > 0 {
			fmt.Fprintf(&hosts, " |  %-*s", heads.Len()-begin-len(" |  "), names[g])
		} else {
			fmt.Fprintf(&hosts, "%*s", heads.Len(), "")
		}
	}
	fmt.Fprintf(b, "%s\n%s\n", strings.TrimRight(hosts.String(), " "), heads.String())
	for i := range rows {
		fmt.Fprintln(b, rows[i].String())
	}
}

// textFailures writes what failed, the first with its cause in full.
func (r *Result) textFailures(b *bufio.Writer) {
	if len(r.Failures) == 0 {
		fmt.Fprintln(b, "no failure")
	}
	for i := range r.Failures {
		f := &r.Failures[i]
		head := "then"
		if i == 0 {
			head = "first failure"
		}
		fmt.Fprintf(b, "%-13s  %s  %s\n%15s%s\n", head, clock(f.At), f, "", f.Cause)
	}
	if r.Restarted > 0 {
		fmt.Fprintln(b, r.restart())
	}
}

// restart tells how long the server was gone.
func (r *Result) restart() string {
	text := fmt.Sprintf("the server restarts at %s and ", clock(r.Restarted))
	switch r.Back {
	case fsm.Never:
		return text + "is not back at the end"
	case r.Restarted:
		return text + "listens again at once"
	}
	return text + fmt.Sprintf("listens again at %s, %s later", clock(r.Back), length(r.Back.Sub(r.Restarted)))
}

// String names a failure: "server: accept: EMFILE, 128 times".
func (f *Failure) String() string {
	text := fmt.Sprintf("%v: %s: %s", f.Side, f.Call, f.Error)
	if f.Error == overflow {
		text = fmt.Sprintf("%v: listen queue overflow", f.Side)
	}
	if f.Client > 0 {
		text += fmt.Sprintf(", client %d", f.Client)
	}
	if f.Count > 1 {
		text += fmt.Sprintf(", %d times", f.Count)
	}
	return text
}

// First gives the first failure, or nil.
func (r *Result) First() *Failure {
	if len(r.Failures) == 0 {
		return nil
	}
	return &r.Failures[0]
}
