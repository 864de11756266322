package sim

import (
	"encoding/json"
	"io"

	"github.com/tcpsim/tcpsim/fsm"
)

// RunLog collects the log of a run in a form that is written as JSON.
type RunLog struct {
	net    *Network
	Events []RunEvent
}

// RunEvent is one entry: Kind tells which fields are there.
type RunEvent struct {
	At     float64    `json:"at"` // virtual seconds
	Kind   string     `json:"kind"`
	Host   string     `json:"host,omitempty"`
	Conn   ConnID     `json:"connection,omitempty"`
	From   string     `json:"from,omitempty"`
	To     string     `json:"to,omitempty"`
	Rule   string     `json:"rule,omitempty"`
	Clause string     `json:"clause,omitempty"`
	Packet *RunPacket `json:"segment,omitempty"`
	Call   string     `json:"call,omitempty"`
	Result string     `json:"result,omitempty"`
	Octets uint32     `json:"octets,omitempty"`
	Told   string     `json:"told,omitempty"`
	Why    string     `json:"why,omitempty"`
}

// RunPacket is a segment, with numbers relative to the initial ones.
type RunPacket struct {
	Number  uint64 `json:"number"`
	Src     string `json:"src"`
	Dst     string `json:"dst"`
	Text    string `json:"text"` // as scripts write it
	Flags   string `json:"flags"`
	Seq     uint32 `json:"seq"`
	Ack     uint32 `json:"ack,omitempty"`
	Len     uint16 `json:"len"`
	Window  uint16 `json:"window"`
	Options string `json:"options,omitempty"`
	Forged  bool   `json:"forged,omitempty"`
	Copy    bool   `json:"copy,omitempty"`
}

// NewRunLog collects the log of a network from now on.
func NewRunLog(n *Network) *RunLog {
	l := &RunLog{net: n, Events: []RunEvent{}}
	n.Listen(l.record)
	return l
}

var recordNames = map[RecordKind]string{
	Fired: "rule", Sent: "send", Lost: "lose", Held: "hold", Arrived: "arrive", Moved: "state", Dropped: "drop",
	Delivered: "deliver", Signalled: "signal", Called: "call", Returned: "return", Told: "icmp", Noted: "note",
}

func (l *RunLog) record(r *Record) {
	if r.Kind == Fired {
		return // every other entry names its rule
	}
	e := RunEvent{At: r.At.Seconds(), Kind: recordNames[r.Kind], Conn: r.Conn, Octets: r.N, Why: r.Why}
	if r.Host >= 0 {
		e.Host = l.net.hosts[r.Host].Name
	}
	if rule := r.Rule.Rule(); rule != nil {
		e.Rule, e.Clause = rule.Name, rule.Cite.String()
	}
	switch r.Kind {
	case Sent, Moved:
		e.From, e.To = r.From.String(), r.To.String()
	case Signalled:
		e.Told = r.Result.String()
	case Called, Returned:
		e.Call = r.Call.what()
		if r.Kind == Returned {
			e.Result = r.Call.answer()[len(" = "):]
		}
	case Fired, Lost, Held, Arrived, Dropped, Delivered, Told, Noted:
	}
	switch r.Kind {
	case Sent, Lost, Held, Arrived, Told:
		e.Packet = l.packet(&r.Packet)
	default:
	}
	l.Events = append(l.Events, e)
}

func (l *RunLog) packet(p *Packet) *RunPacket {
	s := p.Relative()
	out := &RunPacket{
		Number: p.Number, Src: l.net.AddrPort(p.From).String(), Dst: l.net.AddrPort(p.To).String(), Text: s.Header(),
		Flags: s.Flags.String(), Seq: uint32(s.Seq), Len: s.Len, Window: s.Wnd, Forged: p.Forged, Copy: p.Copy,
	}
	if s.Flags&fsm.ACK != 0 {
		out.Ack = uint32(s.Ack)
	}
	if s.Has != 0 {
		out.Options = s.Options.String()
	}
	return out
}

// Write writes the run as one JSON object. head is what stands in front of the
// hosts and the events.
func (l *RunLog) Write(w io.Writer, head map[string]any) error {
	type host struct {
		Name      string   `json:"name"`
		Profile   string   `json:"profile"`
		Addresses []string `json:"addresses"`
	}
	var hosts []host
	for _, h := range l.net.hosts {
		o := host{Name: h.Name, Profile: h.system.Name()}
		for _, a := range h.addrs {
			o.Addresses = append(o.Addresses, l.net.Addr(a).String())
		}
		hosts = append(hosts, o)
	}
	head["hosts"], head["events"] = hosts, l.Events
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(head)
}
