package sim

import (
	"fmt"
	"strconv"
	"time"
)

// quantity is a parameter that is one: a time, an amount or a size in octets.
type quantity struct {
	name, says string
	zero       string // what 0 means
	at         func(*System) any
}

// value writes the number with its unit.
func (n *quantity) value(s *System) string {
	switch at := n.at(s).(type) {
	case *time.Duration:
		return n.written(int(*at), span(*at))
	case *uint32:
		return n.written(int(*at), fmt.Sprintf("%d octets", *at))
	case *uint8:
		return n.written(int(*at), strconv.Itoa(int(*at)))
	case *uint16:
		return n.written(int(*at), strconv.Itoa(int(*at)))
	case *int:
		if *at == noTimeWaitLimit {
			return n.zero
		}
		return n.written(*at, strconv.Itoa(*at))
	}
	panic("sim: a number of no known type: " + n.name)
}

func (n *quantity) written(value int, text string) string {
	if value == 0 && n.zero != "" {
		return n.zero
	}
	return text
}

// set takes a whole number: of milliseconds, if it is a time.
func (n *quantity) set(s *System, value string) error {
	least, most := n.bounds(s)
	v, err := wholeNumber(value, least, most)
	if err != nil {
		return err
	}
	switch at := n.at(s).(type) {
	case *time.Duration:
		*at = time.Duration(v) * time.Millisecond
	case *uint32:
		*at = uint32(v)
	case *uint16:
		*at = uint16(v)
	case *uint8:
		*at = uint8(v)
	case *int:
		*at = v
	}
	return nil
}

// other gives a value that is larger, or smaller where no larger one can be.
func (n *quantity) other(s *System) string {
	v := 0
	switch at := n.at(s).(type) {
	case *time.Duration:
		v = int(*at / time.Millisecond)
	case *uint32:
		v = int(*at)
	case *uint16:
		v = int(*at)
	case *uint8:
		v = int(*at)
	case *int:
		v = *at
	}
	least, most := n.bounds(s)
	larger := 2*v + 1
	if larger > most {
		larger = max(v/2, least)
	}
	return strconv.Itoa(larger)
}

// bounds are the least and the greatest value that can be set.
func (n *quantity) bounds(s *System) (least, most int) {
	switch n.at(s).(type) {
	case *uint32: // a size
		return number(n.zero == ""), 1 << 30
	case *uint16:
		return 0, 65535
	case *uint8:
		most = 255
	case *int:
		most = 1 << 30
	default:
		most = 1<<31 - 1
	}
	switch n.name {
	case "linger_unit": // 65,535 of them must be told in milliseconds
		least, most = 1, 65_000
	case "isn_rate":
		least = 1
	case "window_scale_shift": // RFC 7323 2.3
		most = 14
	}
	return least, most
}

// span writes a time without what is zero behind: "4m0s" is "240 s".
func span(d time.Duration) string {
	if d%time.Second == 0 {
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return fmt.Sprintf("%d ms", d/time.Millisecond)
}

// quantities are the numbers of a system.
var quantities = []quantity{
	{"time_wait", "how long TIME-WAIT lasts", "", func(s *System) any { return &s.TCP.TimeWait }},
	{"time_wait_limit", "connections in TIME-WAIT; one more is deleted", "none", func(s *System) any { return &s.TimeWaitLimit }},
	{"time_wait_reuse", "connect() takes a port in TIME-WAIT: 1 always, 2 within the host", "never", func(s *System) any { return &s.TimeWaitReuse }},
	{"time_wait_reuse_delay", "how long that must have been silent", "", func(s *System) any { return &s.TimeWaitReuseDelay }},
	{"reopen_beyond", "first number of a connection that ends TIME-WAIT, from the old one's last", "chosen", func(s *System) any { return &s.ReopenBeyond }},
	{"isn_rate", "initial sequence numbers in a second", "", func(s *System) any { return &s.ISNRate }},
	{"fin_wait_2", "how long FIN-WAIT-2 lasts without a user", "for ever", func(s *System) any { return &s.TCP.FinWait2 }},
	{"fin_wait_2_held", "the same with a user, who is then told of a reset", "for ever", func(s *System) any { return &s.TCP.FinWait2Held }},
	{"rto_initial", "RTO before a round trip is known", "", func(s *System) any { return &s.TCP.RTOInitial }},
	{"rto_min", "least RTO", "", func(s *System) any { return &s.TCP.RTOMin }},
	{"rto_max", "bound of the backoff", "", func(s *System) any { return &s.TCP.RTOMax }},
	{"rto_after_syn", "RTO when a SYN was repeated", "kept", func(s *System) any { return &s.TCP.RTOAfterSyn }},
	{"backoff", "factor of the RTO after each expiry", "", func(s *System) any { return &s.TCP.Backoff }},
	{"backoff_max", "bound of what the RTO is multiplied by", "none", func(s *System) any { return &s.TCP.BackoffMax }},
	{"rto_slop", "added to each RTO after the backoff", "none", func(s *System) any { return &s.TCP.RTOSlop }},
	{"persist_min", "shortest time between probes of a closed window", "the RTO", func(s *System) any { return &s.TCP.PersistMin }},
	{"persist_max", "longest time between probes of a closed window", "rto_max", func(s *System) any { return &s.TCP.PersistMax }},
	{"tick", "timers expire on ticks of a wheel", "exactly", func(s *System) any { return &s.TCP.Tick }},
	{"syn_linear", "first repeats of a SYN without a backoff", "none", func(s *System) any { return &s.TCP.SynLinear }},
	{"syn_r2", "repeats of a SYN", "as r2_syn says", func(s *System) any { return &s.TCP.SynR2 }},
	{"syn_ack_r2", "repeats of a SYN,ACK", "as r2_syn says", func(s *System) any { return &s.TCP.SynAckR2 }},
	{"r2_syn", "after which a SYN is given up", "as the user timeout says", func(s *System) any { return &s.TCP.R2Syn }},
	{"open_timeout", "after which connect() is given up, whatever was repeated", "none", func(s *System) any { return &s.TCP.OpenTimeout }},
	{"syn_again", "between a refusal and the next SYN", "none goes", func(s *System) any { return &s.TCP.SynAgain }},
	{"r1", "repeats after which the user is told", "never", func(s *System) any { return &s.TCP.R1 }},
	{"data_r2", "repeats of text and FIN", "as the user timeout says", func(s *System) any { return &s.TCP.DataR2 }},
	{"orphan_r2", "the same without a user", "as the user timeout says", func(s *System) any { return &s.TCP.OrphanR2 }},
	{"user_timeout", "how long text may stay unacknowledged", "none", func(s *System) any { return &s.TCP.UserTimeout }},
	{"delayed_ack", "longest delay of an ACK; where it adapts, the first", "none", func(s *System) any { return &s.TCP.DelayedAck }},
	{"quick_acks", "most segments that are acknowledged at once when text begins", "none", func(s *System) any { return &s.TCP.QuickAcks }},
	{"fin_ack_delay", "delay of the ACK of a FIN", "none", func(s *System) any { return &s.TCP.FinAckDelay }},
	{"fin_ack_tick", "the same where no text has come before", "none", func(s *System) any { return &s.TCP.FinAckTick }},
	{"sws_override", "after which a small segment goes all the same", "none", func(s *System) any { return &s.TCP.SWSOverride }},
	{"keep_idle", "idle time before the first keep-alive", "", func(s *System) any { return &s.TCP.KeepIdle }},
	{"keep_interval", "time between keep-alives", "", func(s *System) any { return &s.TCP.KeepInterval }},
	{"keep_count", "keep-alives without an answer", "", func(s *System) any { return &s.TCP.KeepCount }},
	{"reordering", "part of a round trip after which a hole below a SACK is lost", "by what is reported", func(s *System) any { return &s.TCP.Reordering }},
	{"icmp_beyond", "numbers from SND.NXT on that an ICMP message may quote", "none", func(s *System) any { return &s.TCP.ICMPBeyond }},
	{"challenge_limit", "challenge ACKs in one interval", "none", func(s *System) any { return &s.TCP.ChallengeLimit }},
	{"challenge_interval", "the interval", "no limit", func(s *System) any { return &s.TCP.ChallengeInterval }},
	{"receive_buffer", "RCV.BUFF", "", func(s *System) any { return &s.TCP.RcvBuf }},
	{"send_buffer", "text that send() takes before it is acknowledged", "", func(s *System) any { return &s.TCP.SndBuf }},
	{"window_scale_shift", "shift count offered", "0", func(s *System) any { return &s.TCP.WScale }},
	{"initial_window", "congestion window at the start, in segments", "none", func(s *System) any { return &s.TCP.InitialWindow }},
	{"initial_octets", "limit of that in octets, unless two segments are more", "none", func(s *System) any { return &s.TCP.InitialOctets }},
	{"descriptors", "descriptors of a process", "", func(s *System) any { return &s.Descriptors }},
	{"backlog_extra", "connections that a listen queue holds beyond its limit", "none", func(s *System) any { return &s.BacklogExtra }},
	{"backlog_percent", "limit of a listen queue, in hundredths of what listen() asks for", "", func(s *System) any { return &s.BacklogPercent }},
	{"linger_unit", "unit of SO_LINGER", "", func(s *System) any { return &s.LingerUnit }},
}
