package matrix

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
)

// Call is how the program ends the connection, or a part of it.
type Call uint8

// The calls.
const (
	Close Call = iota
	ShutdownRd
	ShutdownWr
	ShutdownRdWr
	Exit
	Kill
	CloseDup // close() of one descriptor of two
)

// Linger is how SO_LINGER is set.
type Linger uint8

// The settings.
const (
	LingerOff Linger = iota
	LingerZero
	LingerTime // LingerSeconds
)

// LingerSeconds is the linger time of a cell with one: longer than a late peer
// takes, and than the first repeat of a segment.
const LingerSeconds = 5

// Mode tells whether the descriptor blocks.
type Mode uint8

// The modes.
const (
	Blocking Mode = iota
	NonBlocking
)

// Pending is what is left to do on the connection when the call is made.
type Pending uint8

// What may be pending.
const (
	Nothing    Pending = iota
	Unread             // text that came and was not read
	Unsent             // text that has not left
	Unacked            // text on its way
	ZeroWindow         // text behind the peer's closed window
)

// Peer is what the other end does from the call on.
type Peer uint8

// What the peer may do.
const (
	Acks     Peer = iota // its TCP answers, its program does nothing
	Late                 // as Acks, but what it sends takes two seconds longer
	Never                // nothing gets through any more
	SendsFIN             // its program shuts down for writing when the call has reached it
	SendsRST             // it aborts while what the call sends is on its way
)

// The names of the values, as flags and file names have them, in order.
var (
	CallNames    = []string{"close", "shutdown-rd", "shutdown-wr", "shutdown-rdwr", "exit", "kill", "dup-close"}
	LingerNames  = []string{"off", "0", "n"}
	ModeNames    = []string{"blocking", "nonblocking"}
	PendingNames = []string{"nothing", "unread", "unsent", "unacked", "zero-window"}
	PeerNames    = []string{"acks", "late", "never", "fin", "rst"}
)

func (c Call) String() string    { return CallNames[c] }
func (l Linger) String() string  { return LingerNames[l] }
func (m Mode) String() string    { return ModeNames[m] }
func (p Pending) String() string { return PendingNames[p] }
func (p Peer) String() string    { return PeerNames[p] }

// States are the states in which the call may find the connection.
var States = []fsm.State{
	fsm.Established, fsm.FinWait1, fsm.FinWait2, fsm.CloseWait, fsm.Closing, fsm.LastAck, fsm.TimeWait,
	fsm.SynSent, fsm.SynReceived,
}

// StateNames are their names, as flags and file names have them.
func StateNames() []string {
	var names []string
	for _, s := range States {
		names = append(names, strings.ToLower(s.String()))
	}
	return names
}

// Cell is one combination.
type Cell struct {
	Profile string
	State   fsm.State
	Call    Call
	Linger  Linger
	Mode    Mode
	Pending Pending
	Peer    Peer
}

// Name is the cell's name: "established-close-linger0-blocking-unread-never@rfc9293".
func (c Cell) Name() string {
	linger := "linger" + c.Linger.String()
	if c.Linger == LingerOff {
		linger = "nolinger"
	}
	return fmt.Sprintf("%s-%v-%s-%v-%v-%v@%s", strings.ToLower(c.State.String()), c.Call, linger, c.Mode, c.Pending,
		c.Peer, c.Profile)
}

// Filter names values of the axes by which cells are chosen. An axis without
// values takes all.
type Filter struct {
	Profiles, States, Calls, Lingers, Modes, Pendings, Peers []string
}

// Cells lists the cells of the profiles that a filter takes, in a fixed order.
func Cells(profiles []string, f Filter) []Cell {
	var list []Cell
	for _, profile := range chosen(profiles, f.Profiles) {
		for s, state := range StateNames() {
			if !takes(f.States, state) {
				continue
			}
			for _, call := range chosen(CallNames, f.Calls) {
				for _, linger := range chosen(LingerNames, f.Lingers) {
					for _, mode := range chosen(ModeNames, f.Modes) {
						for _, pending := range chosen(PendingNames, f.Pendings) {
							for _, peer := range chosen(PeerNames, f.Peers) {
								list = append(list, Cell{
									profile, States[s], Call(index(CallNames, call)), Linger(index(LingerNames, linger)),
									Mode(index(ModeNames, mode)), Pending(index(PendingNames, pending)),
									Peer(index(PeerNames, peer)),
								})
							}
						}
					}
				}
			}
		}
	}
	return list
}

func takes(wanted []string, name string) bool {
	return len(wanted) == 0 || slices.Contains(wanted, name)
}

// chosen gives the names of an axis that are wanted, in the axis' order.
func chosen(all, wanted []string) []string {
	var list []string
	for _, n := range all {
		if takes(wanted, n) {
			list = append(list, n)
		}
	}
	return list
}

func index(names []string, name string) int { return slices.Index(names, name) }
