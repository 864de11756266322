package crowd

import (
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/sim"
)

// Side is one of the two hosts.
type Side int

// The hosts, in the order in which they are shown.
const (
	Client Side = iota
	Server
)

func (s Side) String() string { return [...]string{"client", "server"}[s] }

func (s Side) other() Side { return 1 - s }

// OnEOF is what a program does when its read tells that the peer is gone.
type OnEOF int

// The ways to meet the end.
const (
	Close OnEOF = iota // at once: the correct one
	Leak               // never
	Late               // after Spec.Late
)

var onEOFNames = []string{"close", "leak", "late"}

func (e OnEOF) String() string { return onEOFNames[e] }

// Spec is a crowd: who comes, what they do, under which limits.
type Spec struct {
	Name  string
	Title string // one line

	Seed    uint64
	Profile string   // of both hosts, see sim.Profiles
	Sysctl  []string // NAME=VALUE, for both hosts, see sim.SysctlNames

	Clients  int           // how many come
	Duration time.Duration // within this time
	Even     bool          // at equal intervals; off: at random
	After    time.Duration // how long to look on when all have come
	Every    time.Duration // between two samples of the time line

	Request int           // octets that a client sends
	Reply   int           // octets that the server answers
	Serve   time.Duration // what the server takes to answer
	Timeout time.Duration // after which a client gives a visit up
	Pool    int           // connections that the client keeps for reuse
	Idle    time.Duration // after which an unused one of them is closed

	First Side          // who closes first
	OnEOF OnEOF         // what the other end then does
	Share float64       // of the connections on which it does, 0 to 1; the others it closes at once
	Late  time.Duration // how late, with OnEOF Late

	Linger       sim.Linger // SO_LINGER of the server's sockets
	ClientLinger sim.Linger // and of the client's
	ReuseAddr    bool       // SO_REUSEADDR on every socket of both

	PortLo, PortHi uint16 // the client's ephemeral ports, both included
	Descriptors    int    // of each process
	Backlog        int    // of the server's listen queue
	Addresses      int    // of the server; clients use them in turn
	Delay          time.Duration

	Restart time.Duration // when the server's process ends and starts again; 0: never
	Retry   time.Duration // until it tries again to bind its port
}

// base is what the ready-made crowds change.
func base() Spec {
	return Spec{
		Profile: "rfc9293", Clients: 10_000, Duration: time.Hour, Every: 5 * time.Minute,
		Request: 100, Reply: 1000, Timeout: 30 * time.Second, Idle: time.Minute,
		Share: 1, Late: 10 * time.Minute,
		PortLo: 49152, PortHi: 65535, // RFC 6335 6
		Descriptors: 1024, Backlog: 128, Addresses: 1, Delay: 10 * time.Millisecond, Retry: time.Second,
	}
}

// Ready gives the ready-made crowds, in the order in which they are listed.
func Ready() []Spec {
	leak := base()
	leak.Name, leak.Title = "close-wait-leak", "the server never closes what its clients have closed"
	leak.OnEOF = Leak
	leak.Duration, leak.Every, leak.Descriptors = 24*time.Hour, time.Hour, 4096

	ports := base()
	ports.Name, ports.Title = "time-wait-exhaustion", "the client closes first, and its ports are all in TIME-WAIT"
	ports.Clients, ports.Duration, ports.Every = 48_000, 10*time.Minute, 30*time.Second

	restart := base()
	restart.Name, restart.Title = "restart-under-load", "the server closes first, ends, and cannot bind its port again"
	restart.First = Server
	restart.Clients, restart.Duration, restart.Every = 24_000, 20*time.Minute, time.Minute
	restart.Restart = 5 * time.Minute
	return []Spec{leak, ports, restart}
}

// Names lists the ready-made crowds.
func Names() []string {
	var names []string
	for _, s := range Ready() {
		names = append(names, s.Name)
	}
	return names
}

// Find gives the ready-made crowd of that name.
func Find(name string) (Spec, bool) {
	for _, s := range Ready() {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{}, false
}

// The limits of a crowd. A sample takes memory, and so does a client.
const (
	maxClients  = 10_000_000
	maxSamples  = 10_000
	maxDuration = 10_000 * time.Hour
)

// FieldError tells which field of a Spec cannot be, by the name of its flag.
type FieldError struct{ Field, Why string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Why }

// Check tells what of a crowd cannot be played.
func (s *Spec) Check() error {
	for _, n := range []struct {
		field      string
		n, lo, max int
	}{
		{"clients", s.Clients, 1, maxClients},
		{"request", s.Request, 0, 1 << 30},
		{"reply", s.Reply, 0, 1 << 30},
		{"pool", s.Pool, 0, 1 << 20},
		{"descriptors", s.Descriptors, 4, 1 << 20},
		{"backlog", s.Backlog, 1, 1 << 20},
		{"addresses", s.Addresses, 1, 1000},
	} {
		if n.n < n.lo || n.n > n.max {
			return &FieldError{n.field, fmt.Sprintf("%d is not a number from %d to %d", n.n, n.lo, n.max)}
		}
	}
	for _, d := range []struct {
		field   string
		d, from time.Duration
	}{
		{"duration", s.Duration, time.Millisecond},
		{"every", s.Every, time.Millisecond},
		{"after", s.After, 0},
		{"serve", s.Serve, 0},
		{"timeout", s.Timeout, time.Millisecond},
		{"idle", s.Idle, time.Millisecond},
		{"late", s.Late, 0},
		{"delay", s.Delay, 0},
		{"restart", s.Restart, 0},
		{"retry", s.Retry, time.Millisecond},
	} {
		if d.d < d.from || d.d > maxDuration {
			return &FieldError{d.field, fmt.Sprintf("%v is not a time from %v to %v", d.d, d.from, maxDuration)}
		}
	}
	switch {
	case (s.Duration+s.After)/s.Every >= maxSamples:
		return &FieldError{"every", fmt.Sprintf("%v gives more than %d samples in %v", s.Every, maxSamples, s.Duration+s.After)}
	case !(s.Share >= 0 && s.Share <= 1): // and not a NaN
		return &FieldError{"share", fmt.Sprintf("%v is not a share from 0 to 1", s.Share)}
	case s.PortLo == 0 || s.PortHi < s.PortLo:
		return &FieldError{"ports", fmt.Sprintf("%d-%d is not a range from 1 to 65535", s.PortLo, s.PortHi)}
	case s.Pool > 0 && s.Request == 0:
		return &FieldError{"pool", "a connection without a request cannot be used again"}
	case s.Restart > s.Duration+s.After:
		return &FieldError{"restart", fmt.Sprintf("%v lies behind the end, %v", s.Restart, s.Duration+s.After)}
	}
	_, err := s.system()
	return err
}

// system makes the system of both hosts.
func (s *Spec) system() (sim.System, error) {
	sys, ok := sim.Profile(s.Profile)
	if !ok {
		return sys, &FieldError{"profile", fmt.Sprintf("unknown %q (want %s)", s.Profile, strings.Join(sim.Profiles(), ", "))}
	}
	sys.Descriptors, sys.PortLo, sys.PortHi = s.Descriptors, s.PortLo, s.PortHi
	for _, line := range s.Sysctl { // a parameter may change these too
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return sys, &FieldError{"sysctl", fmt.Sprintf("want NAME=VALUE, got %q", line)}
		}
		if err := sys.Sysctl(name, value); err != nil {
			return sys, &FieldError{"sysctl", err.Error()}
		}
	}
	return sys, nil
}
