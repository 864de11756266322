package scenarios

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// Summary counts outcomes.
type Summary struct {
	Pass, Fail, Error int
}

// Add counts an outcome.
func (s *Summary) Add(o *Outcome) {
	switch o.Status {
	case Pass:
		s.Pass++
	case Fail:
		s.Fail++
	case Error:
		s.Error++
	}
}

// Total is how many outcomes were counted.
func (s *Summary) Total() int { return s.Pass + s.Fail + s.Error }

// Reporter writes outcomes, one after the other, and a summary.
type Reporter interface {
	Report(*Outcome) error
	Close(wall time.Duration) error
}

// ReportFormats are the forms of a report.
var ReportFormats = []string{"text", "json", "tap", "junit"}

// NewReporter makes a reporter of a form. verbose tells of what passes too.
func NewReporter(w io.Writer, format string, verbose bool) (Reporter, error) {
	switch format {
	case "text":
		return &textReport{w: w, verbose: verbose}, nil
	case "json":
		return &jsonReport{w: w}, nil
	case "tap":
		return &tapReport{w: w}, nil
	case "junit":
		return &junitReport{w: w}, nil
	}
	return nil, fmt.Errorf("unknown format %q%s", format, Nearest(format, ReportFormats))
}

// textReport is for people: what failed, and how many passed.
type textReport struct {
	w       io.Writer
	verbose bool
	sum     Summary
}

func (t *textReport) Report(o *Outcome) error {
	t.sum.Add(o)
	if o.Status == Pass && !t.verbose {
		return nil
	}
	_, err := fmt.Fprintln(t.w, o)
	return err
}

func (t *textReport) Close(wall time.Duration) error {
	text := fmt.Sprintf("%d passed", t.sum.Pass)
	if t.sum.Fail > 0 {
		text += fmt.Sprintf(", %d failed", t.sum.Fail)
	}
	if t.sum.Error > 0 {
		text += fmt.Sprintf(", %d in error", t.sum.Error)
	}
	_, err := fmt.Fprintf(t.w, "%s  (%.3f s)\n", text, wall.Seconds())
	return err
}

// jsonReport writes one object a line, and a summary.
type jsonReport struct {
	w   io.Writer
	sum Summary
}

type jsonOutcome struct {
	Script  string   `json:"script"`
	Profile string   `json:"profile,omitempty"`
	Status  Status   `json:"status"`
	Line    int      `json:"line,omitempty"`
	Column  int      `json:"column,omitempty"`
	Message string   `json:"message,omitempty"`
	Detail  []string `json:"detail,omitempty"`
	Virtual *float64 `json:"virtual_seconds,omitempty"`
	Packets *int     `json:"packets,omitempty"`
}

func (j *jsonReport) Report(o *Outcome) error {
	j.sum.Add(o)
	out := jsonOutcome{
		Script: o.Name(), Profile: o.Profile, Status: o.Status, Line: o.Line, Column: o.Column,
		Message: o.Message, Detail: o.Detail,
	}
	if o.Status != Error {
		virtual := o.Virtual.Seconds()
		out.Virtual, out.Packets = &virtual, &o.Packets
	}
	return j.line(out)
}

func (j *jsonReport) line(v any) error {
	enc := json.NewEncoder(j.w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func (j *jsonReport) Close(wall time.Duration) error {
	type summary struct {
		Pass  int     `json:"pass"`
		Fail  int     `json:"fail"`
		Error int     `json:"error"`
		Total int     `json:"total"`
		Wall  float64 `json:"wall_seconds"`
	}
	return j.line(map[string]summary{
		"summary": {j.sum.Pass, j.sum.Fail, j.sum.Error, j.sum.Total(), float64(wall.Milliseconds()) / 1000},
	})
}

// tapReport is the Test Anything Protocol, version 13.
type tapReport struct {
	w   io.Writer
	sum Summary
}

func (t *tapReport) Report(o *Outcome) error {
	if t.sum.Total() == 0 {
		if _, err := fmt.Fprintln(t.w, "TAP version 13"); err != nil {
			return err
		}
	}
	t.sum.Add(o)
	name := strings.ReplaceAll(o.Name(), "#", `\#`)
	if o.Status == Pass {
		_, err := fmt.Fprintf(t.w, "ok %d - %s\n", t.sum.Total(), name)
		return err
	}
	_, err := fmt.Fprintf(t.w, "not ok %d - %s\n# %s\n", t.sum.Total(), name, strings.ReplaceAll(o.String(), "\n", "\n# "))
	return err
}

func (t *tapReport) Close(time.Duration) error {
	_, err := fmt.Fprintf(t.w, "1..%d\n", t.sum.Total())
	return err
}

// junitReport is the XML that build servers read.
type junitReport struct {
	w     io.Writer
	sum   Summary
	cases []junitCase
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	Failure *junitMessage `xml:"failure"`
	Error   *junitMessage `xml:"error"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

func (j *junitReport) Report(o *Outcome) error {
	j.sum.Add(o)
	c := junitCase{Name: o.Name(), Class: "tcpsim." + o.Profile}
	m := &junitMessage{o.Message, o.String()}
	switch o.Status {
	case Fail:
		c.Failure = m
	case Error:
		c.Error = m
	case Pass:
	}
	j.cases = append(j.cases, c)
	return nil
}

func (j *junitReport) Close(wall time.Duration) error {
	b, err := xml.MarshalIndent(junitSuite{
		Name: "tcpsim", Tests: j.sum.Total(), Failures: j.sum.Fail, Errors: j.sum.Error,
		Time: fmt.Sprintf("%.3f", wall.Seconds()), Cases: j.cases,
	}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(j.w, "%s%s\n", xml.Header, b)
	return err
}
