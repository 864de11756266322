package sim

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Parameter is a switch or a number of a system, as users are shown it.
type Parameter struct {
	Name string // "time_wait"
	Says string // what it is, in one line
	get  func(*System) string
}

// Value writes the parameter's value under a system, with its unit.
func (p *Parameter) Value(s *System) string { return p.get(s) }

// Source tells where a system's value comes from: a clause, a name in a kernel's
// source, or how it was measured.
func (p *Parameter) Source(s *System) string {
	if src, ok := systemSources[s.Name()][p.Name]; ok {
		return src
	}
	if base, ok := madeFrom[s.Name()]; ok {
		if src, ok := systemSources[base][p.Name]; ok {
			return "as " + base + ": " + src
		}
	}
	if src, ok := rfc9293Sources[p.Name]; ok {
		return src
	}
	return "off: as RFC 9293 has it"
}

// sources gives the source of each parameter that a profile sets, by name.
type sources map[string]string

// Parameters lists what a profile is made of: numbers first, then switches.
func Parameters() []Parameter {
	list := slices.Clone(numbers)
	for _, e := range errnos {
		list = append(list, Parameter{e.name, e.says, func(s *System) string {
			if *e.at(s) == OK {
				return "0"
			}
			return s.ErrnoName(*e.at(s))
		}})
	}
	for _, name := range fsm.AllFeatures.Names() {
		f, _ := fsm.ParseFeature(name)
		list = append(list, Parameter{name, featureSays[name], func(s *System) string { return onOff(s.TCP.Features&f != 0) }})
	}
	for _, w := range socketSwitches {
		list = append(list, Parameter{w.name, w.says, func(s *System) string { return onOff(*w.at(s)) }})
	}
	return list
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

func lasting(at func(*System) time.Duration, zero string) func(*System) string {
	return func(s *System) string {
		if d := at(s); d != 0 {
			return span(d)
		}
		return zero
	}
}

// span writes a time without what is zero behind: "4m0s" is "240 s".
func span(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}

func counting(at func(*System) int, zero string) func(*System) string {
	return func(s *System) string {
		if n := at(s); n != 0 {
			return strconv.Itoa(n)
		}
		return zero
	}
}

func octetsOf(at func(*System) uint32) func(*System) string {
	return func(s *System) string { return fmt.Sprintf("%d octets", at(s)) }
}

var numbers = []Parameter{
	{"time_wait", "how long TIME-WAIT lasts", lasting(func(s *System) time.Duration { return s.TCP.TimeWait }, "")},
	{"time_wait_limit", "connections in TIME-WAIT; one more is deleted", timeWaitLimit},
	{"time_wait_reuse", "connect() takes a port in TIME-WAIT", counting(func(s *System) int { return s.TimeWaitReuse }, "never")},
	{"fin_wait_2", "how long FIN-WAIT-2 lasts without a user", lasting(func(s *System) time.Duration { return s.TCP.FinWait2 }, "for ever")},
	{"fin_wait_2_held", "the same with a user, who is then told of a reset", lasting(func(s *System) time.Duration { return s.TCP.FinWait2Held }, "for ever")},
	{"rto_initial", "RTO before a round trip is known", lasting(func(s *System) time.Duration { return s.TCP.RTOInitial }, "")},
	{"rto_min", "least RTO", lasting(func(s *System) time.Duration { return s.TCP.RTOMin }, "")},
	{"rto_max", "bound of the backoff", lasting(func(s *System) time.Duration { return s.TCP.RTOMax }, "")},
	{"rto_after_syn", "RTO when a SYN was repeated", lasting(func(s *System) time.Duration { return s.TCP.RTOAfterSyn }, "kept")},
	{"backoff", "factor of the RTO after each expiry", counting(func(s *System) int { return int(s.TCP.Backoff) }, "")},
	{"backoff_max", "bound of what the RTO is multiplied by", counting(func(s *System) int { return int(s.TCP.BackoffMax) }, "none")},
	{"rto_slop", "added to each RTO after the backoff", lasting(func(s *System) time.Duration { return s.TCP.RTOSlop }, "none")},
	{"persist_min", "shortest time between probes of a closed window", lasting(func(s *System) time.Duration { return s.TCP.PersistMin }, "the RTO")},
	{"persist_max", "longest time between probes of a closed window", lasting(func(s *System) time.Duration { return s.TCP.PersistMax }, "rto_max")},
	{"tick", "timers expire on ticks of a wheel", lasting(func(s *System) time.Duration { return s.TCP.Tick }, "exactly")},
	{"syn_linear", "first repeats of a SYN without a backoff", counting(func(s *System) int { return int(s.TCP.SynLinear) }, "none")},
	{"syn_r2", "repeats of a SYN", counting(func(s *System) int { return int(s.TCP.SynR2) }, "as r2_syn says")},
	{"syn_ack_r2", "repeats of a SYN,ACK", counting(func(s *System) int { return int(s.TCP.SynAckR2) }, "as r2_syn says")},
	{"r2_syn", "after which a SYN is given up", lasting(func(s *System) time.Duration { return s.TCP.R2Syn }, "as the user timeout says")},
	{"open_timeout", "after which connect() is given up, whatever was repeated", lasting(func(s *System) time.Duration { return s.TCP.OpenTimeout }, "none")},
	{"syn_again", "between a refusal and the next SYN", lasting(func(s *System) time.Duration { return s.TCP.SynAgain }, "none goes")},
	{"r1", "repeats after which the user is told", counting(func(s *System) int { return int(s.TCP.R1) }, "never")},
	{"data_r2", "repeats of text and FIN", counting(func(s *System) int { return int(s.TCP.DataR2) }, "as the user timeout says")},
	{"orphan_r2", "the same without a user", counting(func(s *System) int { return int(s.TCP.OrphanR2) }, "as the user timeout says")},
	{"user_timeout", "how long text may stay unacknowledged", lasting(func(s *System) time.Duration { return s.TCP.UserTimeout }, "none")},
	{"delayed_ack", "longest delay of an ACK", lasting(func(s *System) time.Duration { return s.TCP.DelayedAck }, "none")},
	{"quick_acks", "first segments that are acknowledged at once", counting(func(s *System) int { return int(s.TCP.QuickAcks) }, "none")},
	{"fin_ack_delay", "delay of the ACK of a FIN", lasting(func(s *System) time.Duration { return s.TCP.FinAckDelay }, "none")},
	{"fin_ack_tick", "the same where no text has come before", lasting(func(s *System) time.Duration { return s.TCP.FinAckTick }, "none")},
	{"sws_override", "after which a small segment goes all the same", lasting(func(s *System) time.Duration { return s.TCP.SWSOverride }, "none")},
	{"keep_idle", "idle time before the first keep-alive", lasting(func(s *System) time.Duration { return s.TCP.KeepIdle }, "")},
	{"keep_interval", "time between keep-alives", lasting(func(s *System) time.Duration { return s.TCP.KeepInterval }, "")},
	{"keep_count", "keep-alives without an answer", counting(func(s *System) int { return int(s.TCP.KeepCount) }, "")},
	{"challenge_limit", "challenge ACKs in one interval", counting(func(s *System) int { return int(s.TCP.ChallengeLimit) }, "none")},
	{"challenge_interval", "the interval", lasting(func(s *System) time.Duration { return s.TCP.ChallengeInterval }, "no limit")},
	{"receive_buffer", "RCV.BUFF", octetsOf(func(s *System) uint32 { return s.TCP.RcvBuf })},
	{"send_buffer", "text that send() takes before it is acknowledged", octetsOf(func(s *System) uint32 { return s.TCP.SndBuf })},
	{"window_scale_shift", "shift count offered", counting(func(s *System) int { return int(s.TCP.WScale) }, "0")},
	{"initial_window", "congestion window at the start, in segments", counting(func(s *System) int { return int(s.TCP.InitialWindow) }, "none")},
	{"initial_octets", "limit of that in octets, unless two segments are more", counting(func(s *System) int { return int(s.TCP.InitialOctets) }, "none")},
	{"option_order", "order of the options of a SYN", func(s *System) string { return s.TCP.Layout.String() }},
	{"options_lacking", "socket options that it does not know", func(s *System) string { return s.Lacks.String() }},
	{"ports", "ephemeral ports", func(s *System) string { return fmt.Sprintf("%d to %d", s.PortLo, s.PortHi) }},
	{"descriptors", "descriptors of a process", counting(func(s *System) int { return s.Descriptors }, "")},
	{"backlog_extra", "connections that a listen queue holds beyond its limit", counting(func(s *System) int { return s.BacklogExtra }, "none")},
	{"backlog_percent", "limit of a listen queue, in hundredths of what listen() asks for", counting(func(s *System) int { return s.BacklogPercent }, "")},
	{"linger_unit", "unit of SO_LINGER", lasting(func(s *System) time.Duration { return s.LingerUnit }, "")},
}

func timeWaitLimit(s *System) string {
	if s.TimeWaitLimit == noTimeWaitLimit {
		return "none"
	}
	return strconv.Itoa(s.TimeWaitLimit)
}
