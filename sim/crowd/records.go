package crowd

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"

	"github.com/tcpsim/tcpsim/fsm"
)

// CSV writes the time line, a line for each sample: every state of both hosts,
// whether it occurs or not, so that the columns of two crowds are the same.
func (r *Result) CSV(w io.Writer) error {
	c := csv.NewWriter(w)
	head := []string{"seconds", "clients", "answered", "failed"}
	for _, side := range []Side{Client, Server} {
		head = append(head, side.String()+" descriptors")
		for s := fsm.Listen; s < numStates; s++ {
			head = append(head, side.String()+" "+s.String())
		}
	}
	if err := c.Write(head); err != nil {
		return err
	}
	for i := range r.Samples {
		s := &r.Samples[i]
		row := []string{seconds(s.At), strconv.Itoa(s.Arrived), strconv.Itoa(s.Answered), strconv.Itoa(s.Failed)}
		for _, h := range s.Hosts {
			row = append(row, strconv.Itoa(h.Descriptors))
			for _, n := range h.States[fsm.Listen:] {
				row = append(row, strconv.Itoa(n))
			}
		}
		if err := c.Write(row); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// object is a JSON object whose names keep their order.
type object []member

type member struct {
	name  string
	value any
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func (c *Census) object() object {
	states := object{}
	for s := fsm.Listen; s < numStates; s++ {
		if c.States[s] > 0 {
			states = append(states, member{s.String(), c.States[s]})
		}
	}
	return object{{"descriptors", c.Descriptors}, {"states", states}}
}

func (f *Failure) object() object {
	o := object{
		{"seconds", json.Number(seconds(f.At))}, {"host", f.Side.String()}, {"call", f.Call}, {"error", f.Error},
		{"times", f.Count}, {"cause", f.Cause},
	}
	if f.Client > 0 {
		o = append(o, member{"client", f.Client})
	}
	return o
}

// JSON writes all of the result. States that no connection is in are left out.
func (r *Result) JSON(w io.Writer) error {
	settings := object{}
	for _, s := range r.Spec.Settings() {
		settings = append(settings, member{s.Name, s.Value})
	}
	timeline := []object{}
	for i := range r.Samples {
		s := &r.Samples[i]
		timeline = append(timeline, object{
			{"seconds", json.Number(seconds(s.At))}, {"clients", s.Arrived}, {"answered", s.Answered}, {"failed", s.Failed},
			{"client", s.Hosts[Client].object()}, {"server", s.Hosts[Server].object()},
		})
	}
	failures := []object{}
	for i := range r.Failures {
		failures = append(failures, r.Failures[i].object())
	}
	o := object{
		{"crowd", r.Spec.Name}, {"title", r.Spec.Title}, {"settings", settings},
		{"clients", r.Arrived}, {"answered", r.Answered}, {"failed", r.Failed}, {"failures", failures},
	}
	if r.Restarted > 0 {
		o = append(o, member{"restarted", json.Number(seconds(r.Restarted))})
		if r.Back != fsm.Never {
			o = append(o, member{"back", json.Number(seconds(r.Back))})
		}
	}
	o = append(o, member{"timeline", timeline})
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(o)
}
