package sim

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// knob is a parameter of a system that scripts can set by a kernel's name for
// it, or by tcpsim's own.
type knob struct {
	name string
	set  func(s *System, value string) error
}

// knobs are the parameters that can be set. Each changes what its kernel would
// change, as far as the simulated system has it.
var knobs = append([]knob{
	{"net.ipv4.ip_local_port_range", setPortRange},
	{"net.ipv4.tcp_congestion_control", only("reno")},
	{"net.ipv4.tcp_fin_timeout", length(time.Second, func(s *System) *time.Duration { return &s.TCP.FinWait2 })},
	{"net.ipv4.tcp_keepalive_intvl", length(time.Second, func(s *System) *time.Duration { return &s.TCP.KeepInterval })},
	{"net.ipv4.tcp_keepalive_probes", count(func(s *System) *uint8 { return &s.TCP.KeepCount })},
	{"net.ipv4.tcp_keepalive_time", length(time.Second, func(s *System) *time.Duration { return &s.TCP.KeepIdle })},
	{"net.ipv4.tcp_invalid_ratelimit", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.ChallengeInterval })},
	{"net.ipv4.tcp_max_tw_buckets", amount(func(s *System) *int { return &s.TimeWaitLimit })},
	{"net.ipv4.tcp_orphan_retries", setOrphanRetries},
	{"net.ipv4.tcp_retries2", count(func(s *System) *uint8 { return &s.TCP.DataR2 })},
	{"net.ipv4.tcp_rfc1337", feature(fsm.RFC1337)},
	{"net.ipv4.tcp_rto_min_us", length(time.Microsecond, func(s *System) *time.Duration { return &s.TCP.RTOMin })},
	{"net.ipv4.tcp_rto_max_ms", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.RTOMax })},
	{"net.ipv4.tcp_syncookies", yes(func(s *System) *bool { return &s.SynCookies })},
	{"net.ipv4.tcp_syn_linear_timeouts", setSynLinear},
	{"net.ipv4.tcp_syn_retries", setSynRetries},
	{"net.ipv4.tcp_synack_retries", count(func(s *System) *uint8 { return &s.TCP.SynAckR2 })},
	{"net.ipv4.tcp_tw_reuse_delay", length(time.Millisecond, func(s *System) *time.Duration { return &s.TimeWaitReuseDelay })},
	{"net.ipv4.tcp_tw_reuse", amount(func(s *System) *int { return &s.TimeWaitReuse })},
	{"net.ipv4.tcp_sack", feature(fsm.SACK)},
	{"net.ipv4.tcp_dsack", yes(func(s *System) *bool { return &s.TCP.DSACK })},
	{"net.ipv4.tcp_timestamps", feature(fsm.Timestamps)},
	{"net.ipv4.tcp_window_scaling", feature(fsm.WindowScale)},
	{"kern.ipc.maxsockbuf", setMaxSockBuf},
	{"net.inet.tcp.blackhole", only("0")},
	{"net.inet.tcp.ecn.enable", only("0", "2")},
	{"net.inet.tcp.hostcache.purgenow", only("1")},
	{"net.inet.tcp.syncookies", only("0")},
	{"net.inet.tcp.syncookies_only", only("0")},
	{"net.ipv4.tcp_abort_on_overflow", yes(func(s *System) *bool { return &s.AbortOnOverflow })},
	{"net.inet.ip.portrange.first", portOf(portLo, portHi)},
	{"net.inet.ip.portrange.last", portOf(portHi, portLo)},
	{"net.inet.tcp.drop_synfin", feature(fsm.SynFinDropped)},
	{"net.inet.tcp.fast_finwait2_recycle", setFastFinWait2},
	{"net.inet.tcp.insecure_rst", featureOff(fsm.RFC5961Reset)},
	{"net.inet.tcp.insecure_syn", featureOff(fsm.RFC5961Syn)},
	{"net.inet.tcp.icmp_may_rst", setICMPMayRst},
	{"net.inet.tcp.rexmit_drop_options", only("0")},
	{"net.inet.tcp.keepinit", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.OpenTimeout })},
	{"net.inet.tcp.maxtcptw", amount(func(s *System) *int { return &s.TimeWaitLimit })},
	{"net.inet.tcp.rexmit_initial", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.RTOInitial })},
	{"net.inet.tcp.rexmit_min", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.RTOMin })},
	{"net.inet.tcp.rexmit_slop", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.RTOSlop })},
	{"KeepAliveInterval", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.KeepInterval })},
	{"KeepAliveTime", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.KeepIdle })},
	{"TcpFinWait2Delay", length(time.Second, func(s *System) *time.Duration { return &s.TCP.FinWait2 })},
	{"TcpMaxConnectRetransmissions", count(func(s *System) *uint8 { return &s.TCP.SynR2 })},
	{"TcpMaxDataRetransmissions", setDataRetransmissions},
	{"TcpTimedWaitDelay", length(time.Second, func(s *System) *time.Duration { return &s.TCP.TimeWait })},
	{"MaxUserPort", setMaxUserPort},
	{"net.inet.tcp.delacktime", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.DelayedAck })},
	{"net.inet.tcp.finwait2_timeout", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.FinWait2 })},
	{"net.inet.tcp.keepcnt", count(func(s *System) *uint8 { return &s.TCP.KeepCount })},
	{"net.inet.tcp.keepidle", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.KeepIdle })},
	{"net.inet.tcp.keepintvl", length(time.Millisecond, func(s *System) *time.Duration { return &s.TCP.KeepInterval })},
	{"net.inet.tcp.msl", setMSL},
	{"net.inet.tcp.recvspace", octets(func(s *System) *uint32 { return &s.TCP.RcvBuf })},
	{"net.inet.tcp.rfc1323", feature(fsm.Timestamps | fsm.WindowScale)},
	{"net.inet.tcp.sack.enable", feature(fsm.SACK)},
	{"net.inet.tcp.sendspace", octets(func(s *System) *uint32 { return &s.TCP.SndBuf })},
}, switches()...)

// switches makes a knob for every number, error and switch: tcpsim.NAME.
func switches() []knob {
	var list []knob
	for _, name := range fsm.AllFeatures.Names() {
		f, _ := fsm.ParseFeature(name)
		list = append(list, knob{"tcpsim." + name, feature(f)})
	}
	for _, n := range quantities {
		list = append(list, knob{"tcpsim." + n.name, n.set})
	}
	for _, w := range socketSwitches {
		list = append(list, knob{"tcpsim." + w.name, yes(w.at)})
	}
	for _, e := range errnos {
		list = append(list, knob{"tcpsim." + e.name, errorName(e.at, slices.Contains(alwaysErrors, e.name))})
	}
	return list
}

// SysctlNames lists the parameters that Sysctl knows.
func SysctlNames() []string {
	var names []string
	for _, k := range knobs {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return names
}

// Sysctl sets the parameter of that name.
func (s *System) Sysctl(name, value string) error {
	for _, k := range knobs {
		if k.name == name {
			if err := k.set(s, value); err != nil {
				return fmt.Errorf("%s=%s: %w", name, value, err)
			}
			return nil
		}
	}
	return fmt.Errorf("unknown parameter %q", name)
}

func wholeNumber(value string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < lo || n > hi {
		return 0, fmt.Errorf("want a whole number from %d to %d", lo, hi)
	}
	return n, nil
}

func feature(f fsm.Features) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 0, 1<<31-1)
		if n != 0 {
			s.TCP.Features |= f
		} else if err == nil {
			s.TCP.Features &^= f
		}
		return err
	}
}

func yes(at func(*System) *bool) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 0, 1)
		if err == nil {
			*at(s) = n != 0
		}
		return err
	}
}

// alwaysErrors are errors without which what failed would have succeeded.
var alwaysErrors = []string{"tuple_taken", "ports_exhausted", "bind_exhausted", "reset_in_close_wait"}

// errorName takes the name of an error, or 0 for none where there may be none.
func errorName(at func(*System) *Errno, always bool) func(*System, string) error {
	return func(s *System, value string) error {
		if value == "0" && !always {
			*at(s) = OK
			return nil
		}
		e, err := ParseErrno(value)
		if err == nil {
			*at(s) = e
		}
		return err
	}
}

func length(unit time.Duration, at func(*System) *time.Duration) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 0, 1<<31-1)
		if err == nil {
			*at(s) = time.Duration(n) * unit
		}
		return err
	}
}

func count(at func(*System) *uint8) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 1, 255)
		if err == nil {
			*at(s) = uint8(n)
		}
		return err
	}
}

func octets(at func(*System) *uint32) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 1, 1<<30)
		if err == nil {
			*at(s) = uint32(n)
		}
		return err
	}
}

func amount(at func(*System) *int) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 0, 1<<30)
		if err == nil {
			*at(s) = n
		}
		return err
	}
}

// featureOff is a knob that weakens: 1 turns a switch off.
func featureOff(f fsm.Features) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 0, 1)
		if err == nil && n == 0 {
			s.TCP.Features |= f
		} else if err == nil {
			s.TCP.Features &^= f
		}
		return err
	}
}

// portOf is a knob of one end of the range of ephemeral ports. The other end gives way,
// where it would lie beyond.
func portOf(at, other func(*System) *uint16) func(*System, string) error {
	return func(s *System, value string) error {
		n, err := wholeNumber(value, 1, 65535)
		if err != nil {
			return err
		}
		*at(s) = uint16(n)
		if s.PortLo > s.PortHi {
			*other(s) = uint16(n)
		}
		return nil
	}
}

func portLo(s *System) *uint16 { return &s.PortLo }
func portHi(s *System) *uint16 { return &s.PortHi }

// setMaxUserPort sets the highest ephemeral port as the registry knows it, from the time
// when the lowest was 1025.
func setMaxUserPort(s *System, value string) error {
	n, err := wholeNumber(value, 1025, 65535)
	if err == nil {
		s.PortLo, s.PortHi = 1025, uint16(n)
	}
	return err
}

// setICMPMayRst lets ICMP messages end a connection that is being opened, or not.
func setICMPMayRst(s *System, value string) error {
	n, err := wholeNumber(value, 0, 1)
	if err != nil {
		return err
	}
	s.ICMP = icmpBSD
	for i := range s.ICMP {
		if n == 0 {
			s.ICMP[i].Opening = s.ICMP[i].Open
		}
	}
	return nil
}

// setFastFinWait2 makes FIN-WAIT-2 without a user last finwait2_timeout, not ten
// minutes and the next check.
func setFastFinWait2(s *System, value string) error {
	n, err := wholeNumber(value, 0, 1)
	switch {
	case err != nil:
	case n == 1:
		s.TCP.FinWait2 = fastFinWait2
	default:
		s.TCP.FinWait2 = slowFinWait2
	}
	return err
}

// setDataRetransmissions sets how often text is repeated, with a user or without.
func setDataRetransmissions(s *System, value string) error {
	n, err := wholeNumber(value, 1, 255)
	if err == nil {
		s.TCP.DataR2, s.TCP.OrphanR2 = uint8(n), uint8(n)
	}
	return err
}

// setOrphanRetries takes 0 for 8, as the kernel does.
func setOrphanRetries(s *System, value string) error {
	n, err := wholeNumber(value, 0, 255)
	if n == 0 {
		n = 8
	}
	if err == nil {
		s.TCP.OrphanR2 = uint8(n)
	}
	return err
}

// setSynLinear sets how many repeats of a SYN come without a backoff, on top of
// those that have one.
func setSynLinear(s *System, value string) error {
	n, err := wholeNumber(value, 0, 100)
	if err == nil {
		if s.TCP.SynR2 > 0 {
			s.TCP.SynR2 = uint8(min(max(int(s.TCP.SynR2)+n-int(s.TCP.SynLinear), 1), 255))
		}
		s.TCP.SynLinear = uint8(n)
	}
	return err
}

func setSynRetries(s *System, value string) error {
	n, err := wholeNumber(value, 1, 127)
	if err == nil {
		s.TCP.SynR2 = uint8(n) + s.TCP.SynLinear
	}
	return err
}

// setMSL sets the length of TIME-WAIT, twice the value in milliseconds.
func setMSL(s *System, value string) error {
	n, err := wholeNumber(value, 1, 1<<30)
	if err == nil {
		s.TCP.TimeWait = 2 * time.Duration(n) * time.Millisecond
	}
	return err
}

// setPortRange takes "32768 60999".
func setPortRange(s *System, value string) error {
	words := strings.Fields(value)
	if len(words) != 2 {
		return fmt.Errorf("want two ports")
	}
	lo, err := wholeNumber(words[0], 1, 65535)
	if err != nil {
		return err
	}
	hi, err := wholeNumber(words[1], lo, 65535)
	if err != nil {
		return err
	}
	s.PortLo, s.PortHi = uint16(lo), uint16(hi)
	return nil
}

// only is a knob of something that is simulated in some positions.
func only(positions ...string) func(*System, string) error {
	return func(_ *System, value string) error {
		if !slices.Contains(positions, value) {
			return fmt.Errorf("only %s is simulated", strings.Join(positions, " and "))
		}
		return nil
	}
}

// setMaxSockBuf sets the largest buffer, from which the shift count that is offered
// comes: the least that lets a window cover it.
func setMaxSockBuf(s *System, value string) error {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || n < 1 || n > 1<<32 {
		return errors.New("want a whole number from 1 to 4294967296")
	}
	s.TCP.WScale = 0
	for s.TCP.WScale < 14 && uint64(65535)<<s.TCP.WScale < n {
		s.TCP.WScale++
	}
	return nil
}
