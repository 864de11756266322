package scenarios

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// Limits of one run. A script that reaches one ends with an error.
const (
	MaxEvents  = 5_000_000            // simulated events: segments, timeouts
	MaxVirtual = 100 * 24 * time.Hour // of virtual time behind the last event before it
)

// Config says how scripts are run.
type Config struct {
	Profile string // the command line's; "" leaves the choice to the script
	IPv6    bool   // play it over IPv6 whatever the script says
	Events  uint64 // how many may be simulated; 0: MaxEvents
	// Story plays the calls and the forged segments at their times and checks
	// nothing: what the script expects may stay out.
	Story   bool
	Telling string   // of a story: the profile whose lines ("@NAME") are played; "": the run's own
	Until   fsm.Time // of a story: how far it is played at least
	// Attach is called when the network of a run is built and nothing has
	// happened yet: it may listen to the log.
	Attach func(*sim.Network, Run) error
}

// Run names one run of a script.
type Run struct {
	Script  string
	Title   string
	Lesson  string
	Profile string
	Seed    uint64
	OneHost bool
	Own     []string // the hosts to which the script itself gives a profile, in their order
}

// Runs tells under which profiles a script is to be run.
func Runs(s *script.Script, cfg Config) ([]string, error) {
	set, err := readSettings(s)
	if err != nil {
		return nil, err
	}
	switch {
	case len(set.hosts) == 0 && len(set.profiles) > 0:
		return set.profiles, nil
	case cfg.Profile != "":
		return []string{cfg.Profile}, nil
	case len(set.profiles) > 0:
		return set.profiles, nil
	case len(set.hosts) > 0:
		return []string{defaultProfile}, nil
	}
	return []string{guess(s)}, nil
}

// guess tells what system a one-host script was written for, from what it sets
// up.
func guess(s *script.Script) string {
	for _, st := range flatten(s.Items, "", nil) {
		c, ok := st.Action.(*script.Command)
		switch {
		case !ok:
		case strings.Contains(c.Text, "net.inet.") || strings.Contains(c.Text, "kern.ipc."):
			return "freebsd"
		case strings.Contains(c.Text, "net.ipv4.") || strings.Contains(c.Text, "defaults.sh"):
			return "linux"
		}
	}
	return defaultProfile
}

// Play runs a script under every profile that it is to be run under.
func Play(s *script.Script, cfg Config) []Outcome {
	profiles, err := Runs(s, cfg)
	if err != nil {
		return []Outcome{Broken(s.Name, err)}
	}
	var list []Outcome
	for _, p := range profiles {
		o := PlayUnder(s, p, cfg)
		o.Story = len(profiles) > 1
		list = append(list, o)
	}
	return list
}

// Broken is the outcome of a script that cannot be run at all.
func Broken(name string, err error) Outcome {
	o := Outcome{Script: name, Status: Error, Message: err.Error()}
	var se *script.Error
	if errors.As(err, &se) {
		o.Line, o.Column, o.Message = se.Line, se.Column, se.Msg
	}
	return o
}

// sentPacket is a segment and when it was sent.
type sentPacket struct {
	sim.Packet
	at fsm.Time
}

// runner plays one script under one profile: a cursor over its steps.
type runner struct {
	script  *script.Script
	set     *settings
	profile string
	net     *sim.Network
	one     *sim.Host // the host of a one-host script

	steps    []*step
	resolved int      // steps before it have their times
	base     fsm.Time // from which the next relative time counts
	over     bool     // the last step has been played

	lines   map[sim.HostID]*lines // what each host is expected to send
	sent    []sentPacket          // one-host: what no line has met yet
	bases   map[[2]sim.Endpoint][2]fsm.Seq
	latest  map[sim.HostID][2]sim.Endpoint // the tuple of each host's last segment: local, remote
	windows map[[2]sim.Endpoint]uint16
	stamps  map[uint32]uint32 // one-host: TS values of the script, as they really were

	threads map[threadKey]*thread
	open    []*running  // calls that have not returned
	fds     map[int]int // one-host: descriptors as the script numbers them
	moves   map[sim.HostID]sim.Record
	tested  map[sim.HostID]underTest
	packets int
	limit   uint64 // of simulated events
	failure *failure
	endless bool // the limit was reached

	story bool     // nothing is checked: see story.go
	until fsm.Time // how far a story is played at least
}

// PlayUnder runs a script under one profile.
func PlayUnder(s *script.Script, profile string, cfg Config) Outcome {
	r := &runner{
		script: s, profile: profile, lines: map[sim.HostID]*lines{},
		bases: map[[2]sim.Endpoint][2]fsm.Seq{}, latest: map[sim.HostID][2]sim.Endpoint{},
		windows: map[[2]sim.Endpoint]uint16{}, stamps: map[uint32]uint32{},
		threads: map[threadKey]*thread{}, fds: map[int]int{}, moves: map[sim.HostID]sim.Record{},
		tested: map[sim.HostID]underTest{}, limit: cmp.Or(cfg.Events, MaxEvents),
	}
	err := r.setUp(cfg)
	if err == nil {
		r.play()
	}
	o := Outcome{Script: s.Name, Profile: profile, Status: Pass}
	if err != nil {
		o = Broken(s.Name, err)
		o.Profile = profile
		return o
	}
	o.Virtual, o.Packets = r.net.Now(), r.packets
	if f := r.failure; f != nil {
		o.Status, o.Message = f.status, f.message
		o.Line, o.Column = f.pos.Line, f.pos.Column
		o.Detail = r.detail(f.status)
		o.Endless = r.endless
	}
	return o
}

// setUp builds the network of a script.
func (r *runner) setUp(cfg Config) error {
	set, err := readSettings(r.script)
	if err != nil {
		return err
	}
	r.set = set
	set.ipv6 = set.ipv6 || cfg.IPv6
	r.net = sim.New(sim.Config{Seed: set.seed, Link: set.link})
	if err := r.addHosts(); err != nil {
		return err
	}
	telling := cmp.Or(cfg.Telling, r.profile)
	r.steps = flatten(r.script.Items, telling, symbols(telling))
	if err := r.checkSteps(); err != nil {
		return err
	}
	if !set.packetSet && !r.expectsAny() {
		set.packets = packetsIgnore
	}
	r.begin(cfg)
	r.net.Listen(r.listen)
	r.net.OnReturn(r.callReturned)
	if cfg.Attach == nil {
		return nil
	}
	var own []string
	for _, name := range set.hosts {
		if _, ok := set.ofHost[name]; ok {
			own = append(own, name)
		}
	}
	title, lesson := r.script.Description()
	return cfg.Attach(r.net, Run{r.script.Name, title, lesson, r.profile, set.seed, r.one != nil, own})
}

func (r *runner) addHosts() error {
	if len(r.set.hosts) == 0 {
		sys, err := r.system(r.profile)
		if err != nil {
			return err
		}
		r.one = r.net.AddHost("", sys, oneHost[r.set.ipv6][0])
		return nil
	}
	for i, name := range r.set.hosts {
		p := r.profile
		if own, ok := r.set.ofHost[name]; ok {
			p = own
		}
		sys, err := r.system(p)
		if err != nil {
			return err
		}
		r.net.AddHost(name, sys, address(i, r.set.ipv6))
	}
	return nil
}

func (r *runner) expectsAny() bool {
	for _, st := range r.steps {
		if st.outbound() != nil {
			return true
		}
	}
	return false
}

// checkSteps looks for what can be told to be wrong before anything is played.
func (r *runner) checkSteps() error {
	for _, st := range r.steps {
		if err := known(st.Profiles...); err != nil {
			return at(r.script, st.At, "%v", err)
		}
		_, link := st.Action.(*script.Link)
		switch {
		case r.one != nil && st.Host != "":
			return at(r.script, st.At, "host %q in a script without --hosts", st.Host)
		case r.one != nil && link:
			return at(r.script, st.At, "a link line in a script without --hosts")
		case r.one == nil && !link && st.Host == "" && !everyHost(st.Action):
			return at(r.script, st.At, "no host in front of the event (want %s)", strings.Join(r.set.hosts, " or "))
		case st.Host != "" && r.host(st.Host) == nil:
			return at(r.script, st.At, "unknown host %q%s", st.Host, Nearest(st.Host, r.set.hosts))
		}
	}
	return nil
}

// everyHost reports whether an action may stand without a host in a script of
// several: a command then holds for all of them.
func everyHost(a script.Action) bool {
	_, ok := a.(*script.Command)
	return ok
}

func (r *runner) host(name string) *sim.Host {
	for _, h := range r.net.Hosts() {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// play runs the steps.
func (r *runner) play() {
	if r.one != nil {
		r.playOne()
	} else {
		r.playMany()
	}
	if r.story {
		r.settle()
	}
	if r.failure == nil {
		r.checkOpen(true)
	}
}

// advance lets everything happen up to an instant, unless something fails.
func (r *runner) advance(to fsm.Time, pos script.Pos) {
	if to > r.net.Now().Add(MaxVirtual) {
		r.errorf(pos, "%v s lies more than %v behind the event before it", to, MaxVirtual)
	}
	for r.failure == nil && r.next(to, pos) {
	}
	if r.failure == nil {
		r.net.Pass(to)
	}
}

// next lets the next event happen, if one is due by an instant, and tells whether
// there was one.
func (r *runner) next(by fsm.Time, pos script.Pos) bool {
	if !r.net.Next(by) {
		return false
	}
	if r.net.Steps() > r.limit {
		r.endless = true
		r.errorf(pos, "no end after %d simulated events, at %v s: the exchange goes on for ever", r.limit, r.net.Now())
	}
	return true
}

// listen follows the log.
func (r *runner) listen(rec *sim.Record) {
	switch rec.Kind {
	case sim.Moved:
		r.moved(rec)
	case sim.Sent:
		r.packets++
		r.remember(&rec.Packet)
		r.met(rec)
	default:
	}
}

// playMany plays a script of several hosts. Its times are the script's own: a
// segment that is late does not make what follows late.
func (r *runner) playMany() {
	r.prepareLines()
	r.resolve()
	for _, st := range r.steps {
		if r.failure != nil {
			return
		}
		if p := st.outbound(); p != nil {
			if st.waits() {
				r.await(st)
			}
			continue
		}
		if st.from < r.net.Now() && !r.story {
			r.errorf(st.Time.Pos, "%v s lies before %v s, where the script is already", st.from, r.net.Now())
			return
		}
		r.advance(st.from, st.At)
		r.checkOverdue()
		if r.failure == nil {
			r.do(st)
		}
	}
	r.finish()
}

// finish waits for the segments and calls that are still expected when the last
// step has been played.
func (r *runner) finish() {
	if r.failure != nil || len(r.steps) == 0 {
		return
	}
	end := r.net.Now()
	for _, h := range r.net.Hosts() {
		for _, l := range r.lines[h.ID()].left() {
			if _, hi := r.window(l.step); hi != fsm.Never {
				end = max(end, hi)
			}
		}
	}
	for _, c := range r.open {
		if c.by != fsm.Never && !r.story {
			end = max(end, c.by)
		}
	}
	r.over = true
	r.advance(end, r.steps[len(r.steps)-1].Pos)
	r.checkOverdue()
}

// do carries out a step that is not an expected segment.
func (r *runner) do(st *step) {
	switch a := st.Action.(type) {
	case *script.Call:
		r.call(st, a)
	case *script.Packet:
		r.inject(st, a)
	case *script.Link:
		r.linkLine(st, a)
	case *script.Command:
		r.command(st, a)
	case *script.Code:
		r.code(st, a)
	default:
		panic(fmt.Sprintf("scenarios: unknown action %T", a))
	}
}
