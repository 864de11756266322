package sim

import (
	"time"

	"github.com/stretchr/testify/require"
)

// The system calls by name, of a process of a testNet.

func (u user) do(c Call) *Call { return u.Call(&c) }

// socket makes a socket and gives its descriptor.
func (u user) socket() int {
	u.tn.t.Helper()
	c := u.do(Call{Op: OpSocket})
	require.True(u.tn.t, c.Done && c.Err == OK, "socket: %v", c.Err)
	return c.Result
}

func (u user) bind(fd int, e Endpoint) *Call { return u.do(Call{Op: OpBind, FD: fd, Addr: e}) }

func (u user) listen(fd, backlog int) *Call {
	return u.do(Call{Op: OpListen, FD: fd, Backlog: backlog})
}

func (u user) accept(fd int) *Call { return u.do(Call{Op: OpAccept, FD: fd}) }

func (u user) connect(fd int, e Endpoint) *Call { return u.do(Call{Op: OpConnect, FD: fd, Addr: e}) }

// disconnect is connect(AF_UNSPEC).
func (u user) disconnect(fd int) *Call { return u.do(Call{Op: OpConnect, FD: fd, Unspec: true}) }

func (u user) send(fd, n int, flags ...MsgFlags) *Call {
	return u.do(Call{Op: OpSend, FD: fd, N: n, Flags: join(flags)})
}

func (u user) say(fd int, text string, flags ...MsgFlags) *Call {
	return u.do(Call{Op: OpSend, FD: fd, N: len(text), Data: []byte(text), Flags: join(flags)})
}

func (u user) recv(fd, n int, flags ...MsgFlags) *Call {
	return u.do(Call{Op: OpRecv, FD: fd, N: n, Flags: join(flags)})
}

func join(flags []MsgFlags) (all MsgFlags) {
	for _, f := range flags {
		all |= f
	}
	return all
}

func (u user) shutdown(fd int, how How) *Call { return u.do(Call{Op: OpShutdown, FD: fd, How: how}) }

func (u user) close(fd int) *Call { return u.do(Call{Op: OpClose, FD: fd}) }

func (u user) dup(fd int) *Call { return u.do(Call{Op: OpDup, FD: fd}) }

func (u user) set(fd int, o Option, v int) *Call {
	return u.do(Call{Op: OpSetsockopt, FD: fd, Option: o, Value: v})
}

func (u user) get(fd int, o Option) *Call { return u.do(Call{Op: OpGetsockopt, FD: fd, Option: o}) }

func (u user) linger(fd int, on bool, seconds uint16) *Call {
	return u.do(Call{Op: OpSetsockopt, FD: fd, Option: SoLinger, Linger: Linger{on, seconds}})
}

func (u user) nonblocking(fd int, on bool) *Call {
	return u.do(Call{Op: OpSetFlags, FD: fd, Nonblock: on})
}

func (u user) poll(timeout time.Duration, fds ...PollFD) *Call {
	return u.do(Call{Op: OpPoll, Timeout: timeout, Poll: fds})
}

// events is what poll finds of one descriptor, all events asked for.
func (u user) events(fd int) PollEvents {
	c := u.poll(0, PollFD{FD: fd, Events: PollIn | PollPri | PollOut | PollRdHup})
	return c.Poll[0].Revents
}

// wantError claims what SO_ERROR tells.
func (u user) wantError(fd int, want Errno) {
	u.tn.t.Helper()
	c := u.get(fd, SoError)
	u.tn.want(c, "0")
	require.Equal(u.tn.t, want, Errno(c.Value), "SO_ERROR of %d", fd)
}

// wantText claims that a call has read this text.
func (tn *testNet) wantText(c *Call, text string) {
	tn.t.Helper()
	require.True(tn.t, c.Done, "recv waits")
	require.Equal(tn.t, text, string(c.Got))
}

// fork starts a child of the process.
func (u user) fork() user { return user{u.tn, u.Fork("child")} }
