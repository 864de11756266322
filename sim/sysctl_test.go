package sim

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/fsm"
)

// whole are values that are no whole number from lo to hi.
func notWhole(lo, hi string) []string {
	return append([]string{"", " ", "x", "1x", "1.5", "0x10", "1 2", "99999999999999999999", "-9999999999"}, lo, hi)
}

// Every knob sets what it names and nothing else; a value that it cannot take is
// an error, and changes nothing.
func TestSysctl(t *testing.T) {
	ms, s := time.Millisecond, time.Second
	nothing := func(*System) {}
	tests := map[string]knobTest{
		"net.ipv4.ip_local_port_range": {"1000 2000", func(s *System) { s.PortLo, s.PortHi = 1000, 2000 },
			[]string{"", "1000", "2000 1000", "0 5", "5 65536", "a b", "1 2 3", "-1 5"}},
		"net.ipv4.tcp_congestion_control":    {"reno", func(*System) {}, []string{"", "cubic", "Reno"}},
		"net.ipv4.tcp_fin_timeout":           {"7", func(c *System) { c.TCP.FinWait2 = 7 * s }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_keepalive_intvl":       {"7", func(c *System) { c.TCP.KeepInterval = 7 * s }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_keepalive_probes":      {"7", func(c *System) { c.TCP.KeepCount = 7 }, notWhole("0", "256")},
		"net.ipv4.tcp_keepalive_time":        {"7", func(c *System) { c.TCP.KeepIdle = 7 * s }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_rfc1337":               {"1", feat(fsm.RFC1337), notWhole("-1", "2147483648")},
		"net.ipv4.tcp_sack":                  {"0", noFeat(fsm.SACK), notWhole("-1", "2147483648")},
		"net.ipv4.tcp_dsack":                 {"1", func(c *System) { c.TCP.DSACK = true }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_timestamps":            {"0", noFeat(fsm.Timestamps), notWhole("-1", "2147483648")},
		"net.ipv4.tcp_window_scaling":        {"0", noFeat(fsm.WindowScale), notWhole("-1", "2147483648")},
		"net.inet.tcp.delacktime":            {"7", func(c *System) { c.TCP.DelayedAck = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.finwait2_timeout":      {"7", func(c *System) { c.TCP.FinWait2 = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.keepcnt":               {"255", func(c *System) { c.TCP.KeepCount = 255 }, notWhole("0", "256")},
		"net.inet.tcp.keepidle":              {"7", func(c *System) { c.TCP.KeepIdle = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.keepintvl":             {"7", func(c *System) { c.TCP.KeepInterval = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.msl":                   {"30000", func(c *System) { c.TCP.TimeWait = time.Minute }, notWhole("0", "1073741825")},
		"net.inet.tcp.recvspace":             {"7000", func(c *System) { c.TCP.RcvBuf = 7000 }, notWhole("0", "1073741825")},
		"net.inet.tcp.rfc1323":               {"0", noFeat(fsm.Timestamps | fsm.WindowScale), notWhole("-1", "2147483648")},
		"net.inet.tcp.sack.enable":           {"0", noFeat(fsm.SACK), notWhole("-1", "2147483648")},
		"net.inet.tcp.sendspace":             {"7000", func(c *System) { c.TCP.SndBuf = 7000 }, notWhole("0", "1073741825")},
		"net.ipv4.tcp_invalid_ratelimit":     {"7", func(c *System) { c.TCP.ChallengeInterval = 7 * ms }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_max_tw_buckets":        {"7", func(c *System) { c.TimeWaitLimit = 7 }, notWhole("-1", "1073741825")},
		"net.ipv4.tcp_orphan_retries":        {"0", func(c *System) { c.TCP.OrphanR2 = 8 }, notWhole("-1", "256")},
		"net.ipv4.tcp_retries2":              {"7", func(c *System) { c.TCP.DataR2 = 7 }, notWhole("0", "256")},
		"net.ipv4.tcp_rto_min_us":            {"7000", func(c *System) { c.TCP.RTOMin = 7 * ms }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_syn_linear_timeouts":   {"7", func(c *System) { c.TCP.SynLinear = 7 }, notWhole("-1", "101")},
		"net.ipv4.tcp_syn_retries":           {"7", func(c *System) { c.TCP.SynR2 = 7 }, notWhole("0", "128")},
		"net.ipv4.tcp_synack_retries":        {"7", func(c *System) { c.TCP.SynAckR2 = 7 }, notWhole("0", "256")},
		"net.ipv4.tcp_rto_max_ms":            {"7", func(c *System) { c.TCP.RTOMax = 7 * ms }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_syncookies":            {"1", func(c *System) { c.SynCookies = true }, notWhole("-1", "2")},
		"net.ipv4.tcp_tw_reuse_delay":        {"7", func(c *System) { c.TimeWaitReuseDelay = 7 * ms }, notWhole("-1", "2147483648")},
		"net.ipv4.tcp_tw_reuse":              {"1", func(c *System) { c.TimeWaitReuse = 1 }, notWhole("-1", "1073741825")},
		"kern.ipc.maxsockbuf":                {"2097152", func(c *System) { c.TCP.WScale = 6 }, notWhole("0", "4294967297")},
		"net.inet.tcp.blackhole":             {"0", nothing, []string{"", "1"}},
		"net.inet.tcp.ecn.enable":            {"2", nothing, []string{"", "1"}},
		"net.inet.tcp.hostcache.purgenow":    {"1", nothing, []string{"", "2"}},
		"net.inet.tcp.syncookies":            {"0", nothing, []string{"", "1"}},
		"net.inet.tcp.syncookies_only":       {"0", nothing, []string{"", "1"}},
		"net.ipv4.tcp_abort_on_overflow":     {"1", func(c *System) { c.AbortOnOverflow = true }, notWhole("-1", "2")},
		"net.inet.ip.portrange.first":        {"7", func(c *System) { c.PortLo = 7 }, notWhole("0", "65536")},
		"net.inet.ip.portrange.last":         {"7", func(c *System) { c.PortLo, c.PortHi = 7, 7 }, notWhole("0", "65536")},
		"net.inet.tcp.drop_synfin":           {"1", feat(fsm.SynFinDropped), notWhole("-1", "2147483648")},
		"net.inet.tcp.fast_finwait2_recycle": {"1", func(c *System) { c.TCP.FinWait2 = 60 * s }, notWhole("-1", "2")},
		"net.inet.tcp.insecure_rst":          {"1", noFeat(fsm.RFC5961Reset), notWhole("-1", "2")},
		"net.inet.tcp.insecure_syn":          {"1", noFeat(fsm.RFC5961Syn), notWhole("-1", "2")},
		"net.inet.tcp.rexmit_drop_options":   {"0", nothing, []string{"", "1"}},
		"net.inet.tcp.icmp_may_rst":          {"1", func(c *System) { c.ICMP = icmpBSD }, notWhole("-1", "2")},
		"net.inet.tcp.keepinit":              {"7", func(c *System) { c.TCP.OpenTimeout = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.maxtcptw":              {"7", func(c *System) { c.TimeWaitLimit = 7 }, notWhole("-1", "1073741825")},
		"net.inet.tcp.rexmit_initial":        {"7", func(c *System) { c.TCP.RTOInitial = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.rexmit_min":            {"7", func(c *System) { c.TCP.RTOMin = 7 * ms }, notWhole("-1", "2147483648")},
		"net.inet.tcp.rexmit_slop":           {"7", func(c *System) { c.TCP.RTOSlop = 7 * ms }, notWhole("-1", "2147483648")},
		"KeepAliveInterval":                  {"7", func(c *System) { c.TCP.KeepInterval = 7 * ms }, notWhole("-1", "2147483648")},
		"KeepAliveTime":                      {"7", func(c *System) { c.TCP.KeepIdle = 7 * ms }, notWhole("-1", "2147483648")},
		"TcpFinWait2Delay":                   {"7", func(c *System) { c.TCP.FinWait2 = 7 * s }, notWhole("-1", "2147483648")},
		"TcpMaxConnectRetransmissions":       {"7", func(c *System) { c.TCP.SynR2 = 7 }, notWhole("0", "256")},
		"TcpMaxDataRetransmissions":          {"7", func(c *System) { c.TCP.DataR2, c.TCP.OrphanR2 = 7, 7 }, notWhole("0", "256")},
		"TcpTimedWaitDelay":                  {"7", func(c *System) { c.TCP.TimeWait = 7 * s }, notWhole("-1", "2147483648")},
		"MaxUserPort":                        {"5000", func(c *System) { c.PortLo, c.PortHi = 1025, 5000 }, notWhole("1024", "65536")},
	}
	for _, name := range fsm.AllFeatures.Names() {
		f, ok := fsm.ParseFeature(name)
		require.True(t, ok)
		c := tests["tcpsim."+name]
		c.value, c.want, c.bad = "1", feat(f), notWhole("-1", "2147483648")
		if RFC9293().TCP.Features&f != 0 {
			c.value, c.want = "0", noFeat(f)
		}
		tests["tcpsim."+name] = c
	}
	base := RFC9293()
	for _, w := range socketSwitches {
		value := "1"
		if *w.at(&base) {
			value = "0"
		}
		tests["tcpsim."+w.name] = knobTest{value, func(c *System) { *w.at(c) = !*w.at(c) }, notWhole("-1", "2")}
	}
	for _, n := range quantities {
		tests["tcpsim."+n.name] = knobTest{"7", func(c *System) { setNumber(n.at(c), 7) }, notWhole("-1", "2147483648")}
	}
	for _, e := range errnos {
		tests["tcpsim."+e.name] = knobTest{"WSAENOBUFS", func(c *System) { *e.at(c) = ENOBUFS }, []string{"", "1", "ENOSUCH"}}
	}
	require.True(t, slices.IsSorted(SysctlNames()))
	require.Equal(t, len(tests), len(slices.Compact(SysctlNames())))
	for _, name := range SysctlNames() {
		t.Run(name, func(t *testing.T) {
			c, ok := tests[name]
			require.True(t, ok, "a knob without a test")
			for _, bad := range c.bad {
				got := RFC9293()
				err := got.Sysctl(name, bad)
				require.Error(t, err, "%q", bad)
				require.True(t, strings.HasPrefix(err.Error(), name+"="+bad+": "), "%v", err)
				require.Equal(t, RFC9293(), got, "%q", bad)
			}
			got, want := RFC9293(), RFC9293()
			require.NoError(t, got.Sysctl(name, c.value))
			c.want(&want)
			require.Equal(t, want, got)
		})
	}
}

// setNumber sets what a number's pointer points to.
func setNumber(at any, v int) {
	switch at := at.(type) {
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
}

// knobTest is what a parameter is set to, what that changes, and what it does not take.
type knobTest struct {
	value string
	want  func(*System)
	bad   []string
}

func feat(f fsm.Features) func(*System) { return func(s *System) { s.TCP.Features |= f } }

func noFeat(f fsm.Features) func(*System) { return func(s *System) { s.TCP.Features &^= f } }

// A switch goes on and off again; any number but 0 is on.
func TestSysctlSwitch(t *testing.T) {
	s := RFC793()
	for _, v := range []string{"1", "2147483647"} {
		require.NoError(t, s.Sysctl("tcpsim.sack", v))
		require.NotZero(t, s.TCP.Features&fsm.SACK)
		require.NoError(t, s.Sysctl("tcpsim.sack", "0"))
		require.Equal(t, RFC793(), s)
	}
}

func TestSysctlUnknown(t *testing.T) {
	s := RFC9293()
	require.EqualError(t, s.Sysctl("net.ipv4.tcp_nothing", "1"), `unknown parameter "net.ipv4.tcp_nothing"`)
	require.Error(t, s.Sysctl("", "1"))
	require.Error(t, s.Sysctl("TCPSIM.SACK", "1"))
}

// A parameter is a host's: its connections follow it from their next event on,
// and the other host does not.
func TestSysctlOfHost(t *testing.T) {
	tn := inState(t, fsm.FinWait2)
	require.NoError(t, tn.client.host.System().Sysctl("net.inet.tcp.msl", "1000"))
	tn.peer("F. 1:1(0) ack 2")
	tn.client.wantState(3, fsm.TimeWait)
	tn.pass(2 * time.Second)
	tn.client.wantState(3, fsm.Closed)
	require.Equal(t, 4*time.Minute, tn.server.host.System().TCP.TimeWait)
}

// The profiles are found by their names, whatever their case, and are not changed
// by those who take them.
func TestProfiles(t *testing.T) {
	require.Equal(t, []string{"rfc9293", "rfc793", "linux", "freebsd", "darwin", "windows", "windows2000"}, Profiles())
	for _, name := range Profiles() {
		s, ok := Profile(strings.ToUpper(name))
		require.True(t, ok)
		require.Equal(t, name, s.Name())
		s.PortLo, s.TCP.TimeWait = 1, 1
		again, _ := Profile(name)
		require.NotEqual(t, s, again)
	}
	_, ok := Profile("beos")
	require.False(t, ok)
	// The numbers that close-time behaviour hangs on.
	for _, s := range []System{RFC9293(), RFC793()} {
		require.Equal(t, uint16(49152), s.PortLo)
		require.Equal(t, uint16(65535), s.PortHi)
		require.Equal(t, 4*time.Minute, s.TCP.TimeWait)
		require.Zero(t, s.TCP.FinWait2)
		require.Equal(t, 5*time.Minute, s.TCP.UserTimeout)
		require.True(t, s.ResetFlushes)
		require.Equal(t, s.Name() == "rfc9293", s.ResetUnread)
		require.Equal(t, s.Name() == "rfc9293", s.HalfDuplexClose)
	}
}
