package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/fsm"
)

// System is how one system behaves: its TCP, and its sockets above it. It is
// data: switches and numbers, and no code asks which system it is.
type System struct {
	TCP fsm.Profile

	Winsock bool      // its names are Winsock's: WSAECONNRESET, closesocket
	Lacks   OptionSet // socket options that it does not know

	PortLo, PortHi uint16        // ephemeral ports, both included
	BacklogPercent int           // the limit of a listen queue, in hundredths of what listen() asks for
	BacklogExtra   int           // connections that a listen queue holds beyond its limit
	Descriptors    int           // descriptors of one process
	LingerUnit     time.Duration // in which SO_LINGER counts

	// ResetUnread aborts a connection that is closed with unread data (RFC 9293
	// 3.6.1, SHLD-3; RFC 2525 2.17). Off: a FIN, and the data is kept.
	ResetUnread bool
	// ResetHeld counts what is held behind a gap as unread.
	ResetHeld bool
	// HalfDuplexClose tells TCP when nobody is left to read (RFC 9293 MAY-1).
	HalfDuplexClose bool
	// ResetFlushes throws away what is unread when a RST comes (RFC 9293
	// 3.10.7.4 second: "All segment queues should be flushed").
	ResetFlushes bool
	// ResetInCloseWait is what a RST in CLOSE-WAIT is told as.
	ResetInCloseWait Errno
	// DataGivenUp is what the user is told when text or FIN is given up.
	DataGivenUp Errno
	// KeepAliveDead is what the user is told when keep-alives stay unanswered.
	KeepAliveDead Errno
	// KeepAliveThen is what is told after that, if it is another thing.
	KeepAliveThen Errno
	// SendOpening is what send() says while the connection is being opened: EAGAIN if it
	// waits, OK if TCP takes the octets (RFC 9293 3.10.2).
	SendOpening Errno
	// ReceiveOpening is the same of recv(); OK if it waits.
	ReceiveOpening Errno
	// ConnectReports makes connect() tell how the one before it ended, if none has: 0, or
	// its error, or ECONNABORTED when that was told elsewhere; and wait with it, if it may.
	// Off, EALREADY while the connection is being opened, EISCONN when it is open.
	ConnectReports bool
	// RefusedInSynSent gives a RST to the user as ECONNREFUSED in SYN-SENT only; off,
	// in an active SYN-RECEIVED too (RFC 9293 3.10.7.4 second).
	RefusedInSynSent bool
	// ErrorBeforePipe makes send() tell the error of the connection before EPIPE, and
	// EPIPE where there is no connection; off, EPIPE after shutdown() comes first, and
	// ENOTCONN (POSIX send).
	ErrorBeforePipe bool
	// EndAfterReset lets recv() find the end of a connection that is over when its
	// error has been told; off, ENOTCONN (POSIX recv).
	EndAfterReset bool
	// ErrorBeforeEnd makes recv() tell the error of the connection before the end that
	// the peer's FIN has made; off, the end comes first.
	ErrorBeforeEnd bool
	// PipeWhenDead makes send() tell EPIPE of a connection that is over, or that was
	// refused, and leaves its error to recv() and SO_ERROR.
	PipeWhenDead bool
	// PartialSendFails makes a send() that waits for room fail when the connection ends,
	// although some of its octets were taken; off, it says how many, and the next call
	// fails.
	PartialSendFails bool
	// ErrorSticky tells the error of a connection on every call, and before what could
	// be read, but by SO_ERROR once; off, once.
	ErrorSticky bool
	// ShutIsError makes recv() and send() fail with ESHUTDOWN behind shutdown(); off,
	// recv() finds the end and send() EPIPE.
	ShutIsError bool
	// ShutDiscards acknowledges what comes after shutdown(SHUT_RD) and throws it away,
	// with what had come before; off, it can be read.
	ShutDiscards bool
	// TimeWaitApart takes TIME-WAIT from the socket: its descriptor reads CLOSED.
	TimeWaitApart bool
	// LingerOffIsZero forgets the time of a SO_LINGER that is off.
	LingerOffIsZero bool
	// BindBothReuse lets bind(), and listen(), share a port only if both sockets have SO_REUSEADDR
	// and the other does not listen; off, the new one's is enough, and what is
	// connected is passed over (BSD).
	BindBothReuse bool
	// CallsHoldSocket lets a call that waits keep its socket open: close() acts when
	// it has returned. Off, close() ends the call with EBADF.
	CallsHoldSocket bool
	// AcceptQueueOnly counts in the limit of a listener only what is complete, and
	// ignores the ACK that would complete one more; off, embryos count too.
	AcceptQueueOnly bool
	// ShutdownStopsListener lets shutdown(SHUT_RD) end listening, and any shutdown() of a
	// listener succeed; off, ENOTCONN.
	ShutdownStopsListener bool
	// ShutdownWakesAccept makes shutdown(SHUT_RD) of a listener end accept() with
	// ECONNABORTED.
	ShutdownWakesAccept bool
	// ShutdownAfterEnd makes shutdown() fail with ENOTCONN in TIME-WAIT too.
	ShutdownAfterEnd bool
	// ShutdownFinLater lets shutdown(SHUT_WR) of a connection that is being opened queue
	// a FIN behind the handshake; off, ENOTCONN.
	ShutdownFinLater bool
	// ShutdownDropsSynSent lets shutdown() end a connection that is being opened, and
	// succeed; off, ENOTCONN.
	ShutdownDropsSynSent bool
	// AcceptsDead lets accept() return a connection that was reset while it waited;
	// off, AcceptReset.
	AcceptsDead bool
	// AcceptReset is what accept() says of a connection that was reset while it waited.
	AcceptReset Errno
	// AbortOnOverflow answers the ACK that would complete a connection for which the
	// listen queue has no room with a RST; off, it is ignored.
	AbortOnOverflow bool
	// AnswersWhenFull answers a SYN although the listen queue is full: the ACK that would
	// complete the connection meets AbortOnOverflow.
	AnswersWhenFull bool
	// RefusesWhenFull answers a SYN with a RST when the listen queue is full; off, it is
	// dropped.
	RefusesWhenFull bool
	// EmbryosLimited limits by itself how many embryos a listener remembers: as many as what
	// is complete. SynCookies answers further SYNs with a SYN,ACK that says all that must be
	// remembered (RFC 4987 3.6); off, they are dropped.
	EmbryosLimited, SynCookies bool
	// EmbryosStay keeps what is not complete when its listener is gone, until a segment comes
	// for it or its SYN,ACK would go again; off, it is forgotten with the listener.
	EmbryosStay bool
	// ConnectListening is what connect() says of a socket that listens.
	ConnectListening Errno
	// TupleTaken is what connect() says when both endpoints are in use already.
	TupleTaken Errno
	// PortsExhausted is what connect() says when no ephemeral port is free.
	PortsExhausted Errno
	// BindExhausted is what bind() to port 0 says then.
	BindExhausted Errno
	// PortsUnshared gives connect() only ports that nothing uses; off, one may serve
	// connections to several remote endpoints.
	PortsUnshared bool
	// BindWinsock is Winsock's rule of bind(): SO_EXCLUSIVEADDRUSE, and TIME-WAIT is not
	// in the way.
	BindWinsock bool
	// BindHijack lets SO_REUSEADDR share a port with a socket that has not asked for it
	// (Windows 2000).
	BindHijack bool
	// TimeWaitReuse lets connect() take the place of a connection in TIME-WAIT that
	// used timestamps and has heard nothing for a while: 0 never, 1 always, 2 within the host.
	TimeWaitReuse int
	// TimeWaitReuseDelay is how old it must be.
	TimeWaitReuseDelay time.Duration
	// PortParity gives connect() every other port first, in turn with small gaps for one
	// destination, and bind() to port 0 the rest.
	PortParity bool
	// TimeWaitLimit is how many connections may be in TIME-WAIT, with those in FIN-WAIT-2 that
	// FinWait2Alone keeps; one more is deleted at once.
	TimeWaitLimit int
	// TimeWaitOldest deletes the oldest one instead.
	TimeWaitOldest bool
	// ReopenBeyond is how far beyond the last number of the old connection that of a new
	// one lies when a SYN ends TIME-WAIT (RFC 9293 3.6.1, MAY-2); 0: a chosen one.
	ReopenBeyond int
	// LingerBlocks makes close() wait for the linger time although the socket
	// is non-blocking.
	LingerBlocks bool
	// LingerRefuses makes close() of a non-blocking socket that would have to linger fail
	// with EWOULDBLOCK and do nothing; off, it goes on in the background.
	LingerRefuses bool
	// LingerResets resets a connection whose linger time is over; off, it goes on alone.
	LingerResets bool
	// LingerExpired is what close() says when the linger time is over.
	LingerExpired Errno
	// LingerZeroFirst lets a linger time of 0 reset only a connection that shutdown()
	// has not begun to close.
	LingerZeroFirst bool
	// ICMP is what an ICMP message means, by its kind.
	ICMP [numICMP]ICMPAnswer
	// ExitResets resets what a process leaves open; off, it is closed.
	ExitResets bool
	// ExitFromLast closes the highest descriptor of a process that ends first.
	ExitFromLast bool
	// WakesTogether lets calls go on when all segments have come that come to a host one after
	// the other in one instant; off, after each of them.
	WakesTogether bool
	// WakesLast lets of several calls that wait on a socket the last go on first, but for
	// accept(); off, the first.
	WakesLast bool
	// PollHoldsSocket lets poll() keep a socket open too, where CallsHoldSocket does.
	PollHoldsSocket bool
	// SoftErrorTold lets SO_ERROR tell, once, what an ICMP message said of a connection that
	// goes on.
	SoftErrorTold bool
	// EmbryoICMP takes notice of an ICMP message about a connection that is not complete only
	// if it says that the network or the host cannot be reached, or blames the header.
	EmbryoICMP bool
	// ShutdownSticks lets shutdown() of a socket without a connection fail, and hold for the
	// next one all the same.
	ShutdownSticks bool
	// DisconnectPipe fails calls that wait with EPIPE when connect(AF_UNSPEC) ends the
	// connection; off, with its error.
	DisconnectPipe bool
	// PeekWaits lets MSG_WAITALL wait for all with MSG_PEEK too; off, it does not (POSIX recv).
	PeekWaits bool
	// ConnectTimes limits connect() by SO_SNDTIMEO.
	ConnectTimes bool
	// BuffersDoubled makes SO_RCVBUF and SO_SNDBUF read twice what the user set, for the
	// system's own use.
	BuffersDoubled bool
	// OptionLimits refuses keep-alives of more than 32,767 seconds and 127 probes, and
	// segments of less than 88 octets or more than 32,767.
	OptionLimits bool
	// QueuesOfListener is what SIOCINQ and SIOCOUTQ say of a socket that listens.
	QueuesOfListener Errno
	// ISNRate is by how much initial sequence numbers grow in a second (RFC 9293 3.4.1).
	ISNRate int
}

const noTimeWaitLimit = 1 << 30

// Name is the profile's name.
func (s *System) Name() string { return s.TCP.Name }

// RFC9293 is the system of the RFCs, with POSIX's sockets.
func RFC9293() System {
	return System{
		TCP:                fsm.RFC9293,
		PortLo:             49152, // RFC 6335 6
		PortHi:             65535,
		Descriptors:        1024,
		BacklogPercent:     100,
		LingerUnit:         time.Second,
		ResetUnread:        true,
		HalfDuplexClose:    true,
		ResetFlushes:       true,
		ResetInCloseWait:   ECONNRESET,
		DataGivenUp:        ETIMEDOUT,
		KeepAliveDead:      ETIMEDOUT,
		AcceptReset:        ECONNABORTED,
		ConnectListening:   EOPNOTSUPP,
		TupleTaken:         EADDRINUSE,
		PortsExhausted:     EADDRNOTAVAIL,
		BindExhausted:      EADDRINUSE,
		TimeWaitLimit:      noTimeWaitLimit,
		TimeWaitReuseDelay: time.Second,
		ISNRate:            250_000, // one in four microseconds (RFC 9293 3.4.1)
		ICMP:               icmpRFC,
		Lacks:              optionSet(SoExclusiveAddrUse, SoDontLinger, SoLingerSec, TCPMaxRT, TCPNoPush, TCPKeepInit, TCPNoOpt),
	}
}

// RFC793 is the system of the text of 1981, with POSIX's sockets.
func RFC793() System {
	s := RFC9293()
	s.TCP = fsm.RFC793
	s.ResetUnread, s.HalfDuplexClose = false, false
	return s
}

// systems lists the profiles in the order in which they are shown.
var systems = []struct {
	name string
	make func() System
}{
	{"rfc9293", RFC9293},
	{"rfc793", RFC793},
	{"linux", Linux},
	{"freebsd", FreeBSD},
	{"darwin", Darwin},
	{"windows", Windows},
	{"windows2000", Windows2000},
}

// Profiles lists the names of the profiles.
func Profiles() []string {
	var names []string
	for _, s := range systems {
		names = append(names, s.name)
	}
	return names
}

// Profile gives the system of that name.
func Profile(name string) (System, bool) {
	i := slices.IndexFunc(systems, func(s struct {
		name string
		make func() System
	},
	) bool {
		return strings.EqualFold(s.name, name)
	})
	if i < 0 {
		return System{}, false
	}
	return systems[i].make(), true
}
