package crowd

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/sim"
)

// Setting is one field of a Spec, under the name of its flag.
type Setting struct{ Name, Value string }

// Settings lists all that makes a crowd: given as flags, they play the same.
func (s *Spec) Settings() []Setting {
	return []Setting{
		{"seed", strconv.FormatUint(s.Seed, 10)},
		{"profile", s.Profile},
		{"sysctl", strings.Join(s.Sysctl, ",")},
		{"clients", strconv.Itoa(s.Clients)},
		{"duration", s.Duration.String()},
		{"even", strconv.FormatBool(s.Even)},
		{"after", s.After.String()},
		{"every", s.Every.String()},
		{"request", strconv.Itoa(s.Request)},
		{"reply", strconv.Itoa(s.Reply)},
		{"serve", s.Serve.String()},
		{"timeout", s.Timeout.String()},
		{"pool", strconv.Itoa(s.Pool)},
		{"idle", s.Idle.String()},
		{"first", s.First.String()},
		{"on-eof", s.OnEOF.String()},
		{"share", strconv.FormatFloat(s.Share, 'g', -1, 64)},
		{"late", s.Late.String()},
		{"linger", LingerString(s.Linger)},
		{"client-linger", LingerString(s.ClientLinger)},
		{"reuseaddr", strconv.FormatBool(s.ReuseAddr)},
		{"ports", s.Ports()},
		{"descriptors", strconv.Itoa(s.Descriptors)},
		{"backlog", strconv.Itoa(s.Backlog)},
		{"addresses", strconv.Itoa(s.Addresses)},
		{"delay", s.Delay.String()},
		{"restart", s.Restart.String()},
		{"retry", s.Retry.String()},
	}
}

// Heading names a crowd. Of a ready-made one that was changed it says how, as its
// title may no longer hold.
func (s *Spec) Heading() string {
	ready, ok := Find(s.Name)
	if !ok || ready.Title != s.Title {
		return s.Name + ": " + s.Title
	}
	was := ready.Settings()
	var changed []string
	for i, now := range s.Settings() {
		if now != was[i] {
			changed = append(changed, fmt.Sprintf("--%s=%s", now.Name, now.Value))
		}
	}
	if changed == nil {
		return s.Name + ": " + s.Title
	}
	return s.Name + " " + strings.Join(changed, " ")
}

// Ports writes the range of ephemeral ports, "49152-65535".
func (s *Spec) Ports() string { return fmt.Sprintf("%d-%d", s.PortLo, s.PortHi) }

// SetPorts reads what Ports writes.
func (s *Spec) SetPorts(value string) error {
	lo, hi, ok := strings.Cut(value, "-")
	a, err1 := strconv.ParseUint(lo, 10, 16)
	b, err2 := strconv.ParseUint(hi, 10, 16)
	if !ok || err1 != nil || err2 != nil || a == 0 || b < a {
		return &FieldError{"ports", fmt.Sprintf("want LOW-HIGH from 1 to 65535, got %q", value)}
	}
	s.PortLo, s.PortHi = uint16(a), uint16(b)
	return nil
}

// LingerString writes a value of SO_LINGER: "off", or seconds.
func LingerString(l sim.Linger) string {
	if !l.On {
		return "off"
	}
	return strconv.Itoa(int(l.Seconds))
}

// ParseLinger reads what LingerString writes.
func ParseLinger(value string) (sim.Linger, error) {
	if value == "off" {
		return sim.Linger{}, nil
	}
	n, err := strconv.ParseUint(value, 10, 16)
	if err != nil {
		return sim.Linger{}, fmt.Errorf("want off or seconds from 0 to 65535, got %q", value)
	}
	return sim.Linger{On: true, Seconds: uint16(n)}, nil
}

// ParseSide reads the name of a host.
func ParseSide(name string) (Side, bool) {
	for _, s := range []Side{Client, Server} {
		if s.String() == name {
			return s, true
		}
	}
	return 0, false
}

// OnEOFNames lists the values of OnEOF.
func OnEOFNames() []string { return onEOFNames }

// ParseOnEOF reads one of them.
func ParseOnEOF(name string) (OnEOF, bool) {
	for i, n := range onEOFNames {
		if n == name {
			return OnEOF(i), true
		}
	}
	return 0, false
}

// String tells in a line what is played.
func (s *Spec) String() string {
	second := map[OnEOF]string{Close: "closes on read 0", Leak: "never closes", Late: "closes " + length(s.Late) + " late"}[s.OnEOF]
	if s.OnEOF != Close && s.Share != 1 {
		second += fmt.Sprintf(" on a share of %v", s.Share)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s in %s (%s a second); the %v closes first, the %v %s; ", some(s.Clients, "client"), length(s.Duration), s.rate(), s.First, s.First.other(), second)
	fmt.Fprintf(&b, "%d descriptors, ports %s, a listen queue of %d; %s", s.Descriptors, s.Ports(), s.Backlog, s.Profile)
	for _, o := range []struct {
		on   bool
		text string
	}{
		{s.Pool > 0, fmt.Sprintf("a pool of %d", s.Pool)},
		{s.ReuseAddr, "SO_REUSEADDR"},
		{s.Linger.On, "SO_LINGER " + LingerString(s.Linger) + " at the server"},
		{s.ClientLinger.On, "SO_LINGER " + LingerString(s.ClientLinger) + " at the client"},
		{s.Restart > 0, "the server restarts after " + length(s.Restart)},
	} {
		if o.on {
			b.WriteString("; " + o.text)
		}
	}
	return b.String()
}
