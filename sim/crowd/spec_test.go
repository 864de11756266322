package crowd

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/sim"
)

// What cannot be played is refused, by the name of the flag.
func TestCheck(t *testing.T) {
	for want, change := range map[string]func(*Spec){
		`clients: 0 is not a number from 1 to 10000000`:                        func(s *Spec) { s.Clients = 0 },
		`clients: -1 is not a number from 1 to 10000000`:                       func(s *Spec) { s.Clients = -1 },
		`descriptors: 3 is not a number from 4 to 1048576`:                     func(s *Spec) { s.Descriptors = 3 },
		`backlog: 0 is not a number from 1 to 1048576`:                         func(s *Spec) { s.Backlog = 0 },
		`addresses: 1001 is not a number from 1 to 1000`:                       func(s *Spec) { s.Addresses = 1001 },
		`duration: 0s is not a time from 1ms to 10000h0m0s`:                    func(s *Spec) { s.Duration = 0 },
		`delay: -1s is not a time from 0s to 10000h0m0s`:                       func(s *Spec) { s.Delay = -time.Second },
		`every: 1s gives more than 10000 samples in 24h0m0s`:                   func(s *Spec) { s.Every = time.Second },
		`share: 1.5 is not a share from 0 to 1`:                                func(s *Spec) { s.Share = 1.5 },
		`share: NaN is not a share from 0 to 1`:                                func(s *Spec) { s.Share = math.NaN() },
		`ports: 9-8 is not a range from 1 to 65535`:                            func(s *Spec) { s.PortLo, s.PortHi = 9, 8 },
		`pool: a connection without a request cannot be used again`:            func(s *Spec) { s.Pool, s.Request = 1, 0 },
		`restart: 25h0m0s lies behind the end, 24h0m0s`:                        func(s *Spec) { s.Restart = 25 * time.Hour },
		`profile: unknown "x" (want rfc9293, `:                                 func(s *Spec) { s.Profile = "x" },
		`sysctl: want NAME=VALUE, got "x"`:                                     func(s *Spec) { s.Sysctl = []string{"x"} },
		`sysctl: unknown parameter "x"`:                                        func(s *Spec) { s.Sysctl = []string{"x=1"} },
		`sysctl: net.inet.tcp.msl=0: want a whole number from 1 to 1073741824`: func(s *Spec) { s.Sysctl = []string{"net.inet.tcp.msl=0"} },
	} {
		s := ready(t, "close-wait-leak", change)
		_, err := Run(s)
		if s.Profile == "x" { // there may be more of them
			require.ErrorContains(t, err, want)
			continue
		}
		require.EqualError(t, err, want)
		require.ErrorAs(t, err, new(*FieldError))
	}
}

// A parameter may set what a field sets too.
func TestSysctl(t *testing.T) {
	r := play(t, ready(t, "time-wait-exhaustion", func(s *Spec) {
		s.Clients, s.Sysctl = 600, []string{"net.ipv4.ip_local_port_range=50000 50099", "tcpsim.descriptors=99"}
	}))
	require.Equal(t, 101, r.First().Client)
	require.Contains(t, r.First().Cause, "the client has 100 ephemeral ports (50000-50099), and")
	require.Equal(t, 99, r.Spec.Descriptors)
}

// What is written of a setting, it is read back from.
func TestSettingsRoundTrip(t *testing.T) {
	for _, l := range []sim.Linger{{}, {On: true}, {On: true, Seconds: 65535}} {
		got, err := ParseLinger(LingerString(l))
		require.NoError(t, err)
		require.Equal(t, l, got)
	}
	_, err := ParseLinger("-1")
	require.EqualError(t, err, `want off or seconds from 0 to 65535, got "-1"`)
	for _, name := range OnEOFNames() {
		e, ok := ParseOnEOF(name)
		require.True(t, ok)
		require.Equal(t, name, e.String())
	}
	for _, side := range []Side{Client, Server} {
		got, ok := ParseSide(side.String())
		require.True(t, ok)
		require.Equal(t, side, got)
		require.Equal(t, side, side.other().other())
	}
	s := base()
	want := s.Ports()
	require.NoError(t, s.SetPorts(want))
	require.Equal(t, want, s.Ports())
	for _, bad := range []string{"", "1", "0-5", "5-4", "1-65536", "a-b", "1-2-3", " 1-2"} {
		require.Error(t, s.SetPorts(bad), bad)
	}
}

// Clients come within the time, in order, all of them; at equal intervals if so
// asked.
func TestArrivals(t *testing.T) {
	for _, even := range []bool{false, true} {
		s := ready(t, "close-wait-leak", func(s *Spec) { s.Even, s.Clients = even, 999 })
		at := arrivals(&s, sim.Seeded(3))
		require.Len(t, at, 999)
		for i := range at {
			require.GreaterOrEqual(t, int64(at[i]), int64(0))
			require.Less(t, int64(at[i]), int64(s.Duration))
			if i > 0 {
				require.GreaterOrEqual(t, at[i], at[i-1])
				if even {
					require.InDelta(t, float64(s.Duration)/999, float64(at[i]-at[i-1]), 2)
				}
			}
		}
	}
}
