package compare

import (
	"encoding/json"
	"io"

	"github.com/tcpsim/tcpsim/fsm"
)

// The JSON of a comparison is one object, its fields in this order:
//
//	scenario, title   the script
//	story             the profile whose own lines the story has; left out if there are none
//	profiles          the profiles; cells, values, sources and stopped have their order
//	differences       how many rows differ
//	stopped           left out if all runs ended: why each did not, or ""
//	sections          kind (segments, calls or states), place ("client > server", or a host), and rows:
//	  difference      the number of the difference, from 1; 0 if the row is the same under all profiles
//	  cells           one for each profile, null where it did not happen:
//	    at            virtual seconds
//	    connection    which of the section's it belongs to, from 1; left out if it has one
//	    call          of a call: how it was made
//	    text          the segment, the result of the call, the change of state
//	    returned      of a call: when it returned; left out if it did not, or at once
//	    rule, clause  the rule that made it
//	  causes          of a difference; each with
//	    profiles      those that differ from the first profile for this reason
//	    any_of        parameters each of which makes the difference by itself, or
//	    all_of        parameters that make it together, or
//	    parting       if no parameters make it: profile, host, at and rule where the runs first part
//	  more, last_at   how many differences like it follow and are not listed, and when the last came
//	switches          the parameters that made differences: name, values, sources, differences (numbers)
type jsonComparison struct {
	Scenario    string        `json:"scenario"`
	Title       string        `json:"title"`
	Story       string        `json:"story,omitempty"`
	Profiles    []string      `json:"profiles"`
	Differences int           `json:"differences"`
	Stopped     []string      `json:"stopped,omitempty"`
	Sections    []jsonSection `json:"sections"`
	Switches    []jsonSwitch  `json:"switches"`
}

type jsonSection struct {
	Kind  Kind      `json:"kind"`
	Place string    `json:"place"`
	Rows  []jsonRow `json:"rows"`
}

type jsonRow struct {
	Difference int         `json:"difference"`
	Cells      []*jsonCell `json:"cells"`
	Causes     []jsonCause `json:"causes,omitempty"`
	More       int         `json:"more,omitempty"`
	LastAt     float64     `json:"last_at,omitempty"`
}

type jsonCell struct {
	At       float64  `json:"at"`
	Conn     int      `json:"connection,omitempty"`
	Call     string   `json:"call,omitempty"`
	Text     string   `json:"text"`
	Returned *float64 `json:"returned,omitempty"`
	Rule     string   `json:"rule,omitempty"`
	Clause   string   `json:"clause,omitempty"`
}

type jsonCause struct {
	Profiles []string     `json:"profiles"`
	AnyOf    []string     `json:"any_of,omitempty"`
	AllOf    []string     `json:"all_of,omitempty"`
	Parting  []jsonFiring `json:"parting,omitempty"`
}

type jsonFiring struct {
	Profile string  `json:"profile"`
	Host    string  `json:"host,omitempty"`
	At      float64 `json:"at"`
	Rule    string  `json:"rule,omitempty"`
}

type jsonSwitch struct {
	Name        string   `json:"name"`
	Values      []string `json:"values"`
	Sources     []string `json:"sources"`
	Differences []int    `json:"differences"`
}

// JSON writes a comparison for machines: see jsonComparison.
func (c *Comparison) JSON(w io.Writer) error {
	out := jsonComparison{
		Scenario: c.Script, Title: c.Title, Story: c.Story, Profiles: c.Profiles, Differences: c.Differences,
		Sections: []jsonSection{}, Switches: []jsonSwitch{},
	}
	for _, why := range c.Stopped {
		if why != "" {
			out.Stopped = c.Stopped
		}
	}
	for i := range c.Sections {
		s := &c.Sections[i]
		sec := jsonSection{Kind: s.Kind, Place: s.Place}
		for j := range s.Rows {
			sec.Rows = append(sec.Rows, s.json(&s.Rows[j]))
		}
		out.Sections = append(out.Sections, sec)
	}
	for _, sw := range c.Switches {
		out.Switches = append(out.Switches, jsonSwitch{sw.Name, sw.Values, sw.Sources, sw.Made})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func (s *Section) json(row *Row) jsonRow {
	out := jsonRow{Difference: row.Number, More: row.More, LastAt: row.Last.Seconds()}
	for _, it := range row.Cells {
		if it == nil {
			out.Cells = append(out.Cells, nil)
			continue
		}
		cell := &jsonCell{At: it.at.Seconds(), Call: it.what, Text: it.text}
		if s.Conns > 1 {
			cell.Conn = it.conn
		}
		if it.ended > it.at && it.ended != fsm.Never {
			returned := it.ended.Seconds()
			cell.Returned = &returned
		}
		if r := it.rule.Rule(); r != nil {
			cell.Rule, cell.Clause = r.Name, r.Cite.String()
		}
		out.Cells = append(out.Cells, cell)
	}
	for _, cause := range row.Causes {
		out.Causes = append(out.Causes, cause.json())
	}
	return out
}

func (cause *Cause) json() jsonCause {
	out := jsonCause{Profiles: cause.Profiles}
	if cause.All {
		out.AllOf = cause.Switches
	} else {
		out.AnyOf = cause.Switches
	}
	for _, f := range cause.Parting {
		j := jsonFiring{Profile: f.Profile, Host: f.Host, At: f.At.Seconds()}
		if r := f.Rule.Rule(); r != nil {
			j.Rule = r.Name
		}
		out.Parting = append(out.Parting, j)
	}
	return out
}
