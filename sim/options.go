package sim

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// Option names a socket option.
type Option uint8

// The socket options.
const (
	SoReuseAddr Option = iota
	SoReusePort
	SoKeepAlive
	SoLinger
	SoRcvBuf
	SoSndBuf
	SoError
	SoType
	SoAcceptConn
	SoRcvTimeo
	SoSndTimeo
	TCPNoDelay
	TCPCork
	TCPMaxSeg
	TCPKeepIdle
	TCPKeepIntvl
	TCPKeepCnt
	TCPUserTimeout
	TCPLinger2
	SoExclusiveAddrUse // Winsock: nobody else gets the port
	SoDontLinger       // Winsock: the opposite of SO_LINGER
	SoLingerSec        // Darwin: SO_LINGER in seconds
	TCPMaxRT           // Winsock: TCP_USER_TIMEOUT in seconds
	TCPNoPush          // FreeBSD: TCP_CORK
	TCPKeepInit        // FreeBSD: after how many seconds connect() gives up
	TCPNoOpt           // FreeBSD: a SYN without options

	numOptions
)

var optionNames = [...]string{
	"SO_REUSEADDR", "SO_REUSEPORT", "SO_KEEPALIVE", "SO_LINGER", "SO_RCVBUF", "SO_SNDBUF", "SO_ERROR",
	"SO_TYPE", "SO_ACCEPTCONN", "SO_RCVTIMEO", "SO_SNDTIMEO", "TCP_NODELAY", "TCP_CORK", "TCP_MAXSEG",
	"TCP_KEEPIDLE", "TCP_KEEPINTVL", "TCP_KEEPCNT", "TCP_USER_TIMEOUT", "TCP_LINGER2",
	"SO_EXCLUSIVEADDRUSE", "SO_DONTLINGER", "SO_LINGER_SEC", "TCP_MAXRT", "TCP_NOPUSH",
	"TCP_KEEPINIT", "TCP_NOOPT",
}

func (o Option) String() string {
	if int(o) < len(optionNames) {
		return optionNames[o]
	}
	return fmt.Sprintf("Option(%d)", uint8(o))
}

// Options lists the socket options.
func Options() []Option {
	var list []Option
	for o := range numOptions {
		list = append(list, o)
	}
	return list
}

// OptionSet is a set of socket options.
type OptionSet uint64

func optionSet(of ...Option) OptionSet {
	var set OptionSet
	for _, o := range of {
		set |= 1 << o
	}
	return set
}

// Has reports whether the option is one of the set.
func (s OptionSet) Has(o Option) bool { return s>>o&1 != 0 }

func (s OptionSet) String() string {
	var names []string
	for _, o := range Options() {
		if s.Has(o) {
			names = append(names, o.String())
		}
	}
	return strings.Join(names, " ")
}

// ParseOption reads the name of a socket option.
func ParseOption(name string) (Option, bool) {
	for i, n := range optionNames {
		if n == name {
			return Option(i), true
		}
	}
	return 0, false
}

// params are the options that TCP itself carries out, with the unit in which
// the machine wants them.
var params = map[Option]struct {
	param fsm.Param
	unit  int
}{
	SoKeepAlive:    {fsm.KeepAlive, 1},
	SoRcvBuf:       {fsm.RcvBuf, 1},
	SoSndBuf:       {fsm.SndBuf, 1},
	TCPNoDelay:     {fsm.NoDelay, 1},
	TCPCork:        {fsm.Cork, 1},
	TCPMaxSeg:      {fsm.MaxSegment, 1},
	TCPKeepIdle:    {fsm.KeepIdle, 1000},
	TCPKeepIntvl:   {fsm.KeepInterval, 1000},
	TCPKeepCnt:     {fsm.KeepCount, 1},
	TCPUserTimeout: {fsm.UserTimeout, 1},
	TCPMaxRT:       {fsm.UserTimeout, 1000},
	TCPNoPush:      {fsm.Cork, 1},
	TCPNoOpt:       {fsm.NoOptions, 1},
}

// setOption carries out setsockopt.
func (n *Network) setOption(c *Call, s *socket) Errno {
	on := c.Value != 0
	sys := &n.hosts[s.host].system
	if sys.Lacks.Has(c.Option) {
		return ENOPROTOOPT
	}
	switch c.Option {
	case SoReuseAddr:
		s.set(sockReuseAddr, on)
	case SoExclusiveAddrUse:
		if s.is(sockBound) {
			return EINVAL
		}
		s.set(sockExclusive, on)
	case SoDontLinger: // the other side of SO_LINGER's coin
		s.set(sockLinger, !on)
	case SoReusePort:
		s.set(sockReusePort, on)
	case SoLinger:
		s.set(sockLinger, c.Linger.On)
		n.grow(s).linger = uint32(c.Linger.Seconds) * uint32(sys.LingerUnit/time.Millisecond)
		if !c.Linger.On && sys.LingerOffIsZero {
			n.grow(s).linger = 0
		}
	case SoLingerSec:
		s.set(sockLinger, c.Linger.On)
		n.grow(s).linger = uint32(c.Linger.Seconds) * 1000
	case SoRcvTimeo, SoSndTimeo:
		if c.Value < 0 || int64(c.Value) > 1<<31 {
			return EINVAL
		}
		if d := time.Duration(c.Value) * time.Millisecond; c.Option == SoRcvTimeo {
			n.grow(s).rcvTime = d
		} else {
			n.grow(s).sndTime = d
		}
	case TCPLinger2:
		limit := uint32(fsm.NoFinWait2)
		if c.Value >= 0 {
			limit = uint32(min(c.Value, maxLinger2)) * 1000
		}
		n.grow(s).state(fsm.FinWait2Limit, limit)
		n.call(c.sock, fsm.Set(fsm.FinWait2Limit, limit))
	case TCPKeepInit:
		if c.Value < 0 || c.Value > 1<<31/1000 {
			return EINVAL
		}
		n.grow(s).openLimit = uint32(c.Value) * 1000
	case SoError, SoType, SoAcceptConn:
		return ENOPROTOOPT
	default:
		p := params[c.Option]
		if c.Value < 0 || int64(c.Value) > 1<<31/int64(p.unit) {
			return EINVAL
		}
		if c.Option == TCPMaxSeg && c.Value == 0 && sys.OptionLimits { // what the path takes
			n.grow(s).maxSegment = 0
			return OK
		}
		if lo, hi := optionLimits(c.Option); sys.OptionLimits && (c.Value < lo || c.Value > hi) {
			return EINVAL
		}
		if c.Option == TCPMaxSeg {
			if c.Value < 1 || c.Value > 65535 {
				return EINVAL
			}
			n.grow(s).maxSegment = uint16(c.Value)
		}
		n.grow(s).state(p.param, uint32(c.Value*p.unit))
		n.call(c.sock, fsm.Set(p.param, uint32(c.Value*p.unit)))
	}
	return OK
}

// maxLinger2 is the longest time of TCP_LINGER2, in seconds: Linux's TCP_FIN_TIMEOUT_MAX.
const maxLinger2 = 120

// getOption carries out getsockopt.
func (n *Network) getOption(c *Call, s *socket) Errno {
	if n.hosts[s.host].system.Lacks.Has(c.Option) {
		return ENOPROTOOPT
	}
	_, cn := n.conn(c.sock)
	switch c.Option {
	case SoExclusiveAddrUse:
		c.Value = number(s.is(sockExclusive))
	case SoDontLinger:
		c.Value = number(!s.is(sockLinger))
	case SoReuseAddr:
		c.Value = number(s.is(sockReuseAddr))
	case SoReusePort:
		c.Value = number(s.is(sockReusePort))
	case SoLinger:
		c.Linger = Linger{s.is(sockLinger), uint16(s.has().linger / uint32(n.hosts[s.host].system.LingerUnit/time.Millisecond))}
	case SoLingerSec:
		c.Linger = Linger{s.is(sockLinger), uint16(s.has().linger / 1000)}
	case SoError: // asking clears it
		if !s.is(sockErrorTold) {
			c.Value = int(s.soError)
		}
		if c.Value == 0 && n.hosts[s.host].system.SoftErrorTold && s.conn != none {
			c.Value, cn.soft = int(cn.soft), OK
		}
		if n.hosts[s.host].system.ErrorSticky { // calls go on telling it
			s.set(sockErrorTold, s.soError != OK)
		} else {
			s.soError = OK
		}
	case SoType:
		c.Value = SockStream
	case SoAcceptConn:
		c.Value = number(s.is(sockListening))
	case SoRcvTimeo:
		c.Value = int(s.has().rcvTime / time.Millisecond)
	case SoSndTimeo:
		c.Value = int(s.has().sndTime / time.Millisecond)
	case TCPLinger2:
		c.Value = -1
		switch limit := cn.Option(fsm.FinWait2Limit); limit {
		case fsm.NoFinWait2:
		case 0:
			c.Value = int(n.hosts[s.host].system.TCP.FinWait2 / time.Second)
		default:
			c.Value = int(limit / 1000)
		}
	case TCPKeepInit:
		c.Value = int(s.has().openLimit / 1000)
		if c.Value == 0 {
			c.Value = int(n.hosts[s.host].system.TCP.OpenTimeout / time.Second)
		}
	case SoKeepAlive:
		c.Value = number(cn.Option(fsm.KeepAlive) != 0)
	default:
		p := params[c.Option]
		c.Value = int(cn.Option(p.param)) / p.unit
		if n.hosts[s.host].system.BuffersDoubled {
			c.Value = bufferTold(s, c.Option, p.param, c.Value)
		}
		if c.Option == TCPMaxSeg && n.hosts[s.host].system.OptionLimits && s.has().maxSegment == 0 && in(n.state(s), fsm.Closed, fsm.Listen) {
			c.Value = 536 // what a peer that says nothing takes (RFC 9293 MUST-15)
		}
	}
	return OK
}

// bufferTold is what a system that doubles the sizes of buffers tells of one: there is a
// least size, and the default of what is received is a power of two, though a window of
// that many octets cannot be told.
func bufferTold(s *socket, o Option, p fsm.Param, size int) int {
	least, ok := map[Option]int{SoRcvBuf: 2304, SoSndBuf: 4608}[o]
	switch {
	case !ok:
		return size
	case slices.ContainsFunc(s.has().stated, func(o stated) bool { return o.param == p }):
		return max(2*size, least)
	case o == SoRcvBuf:
		return 2 * (size + size&1)
	case s.flags&(sockTried|sockConnected) == 0: // it grows when it is needed
		return 16384
	}
	return size
}

// optionLimits is the least and the most that an option takes, where limits are narrow.
func optionLimits(o Option) (least, most int) {
	switch o {
	case TCPKeepIdle, TCPKeepIntvl:
		return 1, 32767
	case TCPKeepCnt:
		return 1, 127
	case TCPMaxSeg:
		return 88, 32767
	default:
		return math.MinInt, math.MaxInt
	}
}

// SockStream is the value of SO_TYPE, Linux's SOCK_STREAM.
const SockStream = 1

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}
