package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// sockstatProcess is how packetdrill's process is called in what sockstat prints.
const sockstatProcess = "packetdril"

// sockstat answers FreeBSD's question for the sockets of a host, as scripts ask it:
//
//	sockstat -4 -P tcp -p 8080 -s | grep packetdril | grep -c TIME_WAIT | grep 1
//
// The last grep succeeds if the number has that digit in it.
func (r *runner) sockstat(st *step, c *script.Command, words []string) {
	stages := pipeline(words)
	list, ok := r.listed(st, c, stages[0][1:])
	if !ok {
		return
	}
	count := -1
	for _, stage := range stages[1:] {
		switch {
		case count >= 0 && len(stage) == 2 && stage[0] == "grep":
			if !strings.Contains(strconv.Itoa(count), stage[1]) {
				r.failf(st.At, "%sexpected %s, got %d", prefix(st), stage[1], count)
			}
			return
		case len(stage) == 2 && stage[0] == "grep" && strings.HasPrefix(sockstatProcess, stage[1]):
			list = slices.DeleteFunc(list, func(e sim.Entry) bool { return !e.Held })
		case len(stage) == 3 && stage[0] == "grep" && stage[1] == "-c":
			state, err := fsm.ParseState(stage[2])
			if err != nil {
				r.errorf(c.Pos, "sockstat: %v", err)
				return
			}
			list = slices.DeleteFunc(list, func(e sim.Entry) bool { return e.State != state })
			count = len(list)
		default:
			r.errorf(c.Pos, "sockstat: cannot answer %q (want grep %s, grep -c STATE, grep NUMBER)", strings.Join(stage, " "), sockstatProcess)
			return
		}
	}
	if count == 0 { // grep -c alone succeeds if there is one
		r.failf(st.At, "%sexpected a socket, got none", prefix(st))
	}
}

// pipeline splits the words of a command at its pipes.
func pipeline(words []string) [][]string {
	var stages [][]string
	for _, w := range words {
		if w == "|" || len(stages) == 0 {
			stages = append(stages, nil)
		}
		if w != "|" {
			last := len(stages) - 1
			stages[last] = append(stages[last], w)
		}
	}
	return stages
}

// listed gives what sockstat's own options ask for.
func (r *runner) listed(st *step, c *script.Command, options []string) ([]sim.Entry, bool) {
	list := r.process(st).Host().Census()
	only := func(keep func(sim.Entry) bool) {
		list = slices.DeleteFunc(list, func(e sim.Entry) bool { return !keep(e) })
	}
	for i := 0; i < len(options); i++ {
		o, value := options[i], ""
		if (o == "-P" || o == "-p") && i+1 < len(options) {
			i++
			value = options[i]
		}
		switch o {
		case "-4":
			only(func(e sim.Entry) bool { return !e.IPv6 })
		case "-6":
			only(func(e sim.Entry) bool { return e.IPv6 })
		case "-P":
			if value != "tcp" {
				r.errorf(c.Pos, "sockstat: protocol %q (only tcp is simulated)", value)
				return nil, false
			}
		case "-p":
			port, err := strconv.ParseUint(value, 10, 16)
			if err != nil {
				r.errorf(c.Pos, "sockstat: %q is no port", value)
				return nil, false
			}
			only(func(e sim.Entry) bool { return e.Port == uint16(port) })
		case "-s": // tell the state
		default:
			r.errorf(c.Pos, "sockstat: unknown option %q (want -4, -6, -P tcp, -p PORT, -s)", o)
			return nil, false
		}
	}
	return list, true
}

// tcpdrop ends connections as FreeBSD's command does: all of them, or those in a state.
func (r *runner) tcpdrop(st *step, c *script.Command, options []string) {
	h := r.process(st).Host()
	drops := func(sim.Entry) bool { return true }
	switch {
	case len(options) == 1 && options[0] == "-a":
	case len(options) == 2 && options[0] == "-s":
		state, err := fsm.ParseState(options[1])
		if err != nil {
			r.errorf(c.Pos, "tcpdrop: %v", err)
			return
		}
		drops = func(e sim.Entry) bool { return e.State == state }
	default:
		r.errorf(c.Pos, "tcpdrop: cannot do %q (want -a, or -s STATE)", strings.Join(options, " "))
		return
	}
	for _, e := range h.Census() {
		if drops(e) && e.State != fsm.Listen {
			h.Drop(e)
		}
	}
}
