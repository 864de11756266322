package scenarios

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// packetsMode tells which segments a script must list.
type packetsMode uint8

const (
	packetsStrict packetsMode = iota // every one
	packetsNoack                     // every one but pure ACKs
	packetsSubset                    // those listed, in order; others may stand between
	packetsIgnore                    // none is looked at
)

var packetsNames = []string{"strict", "noack", "subset", "ignore"}

// settings are the options of a script, read.
type settings struct {
	hosts     []string // none: a one-host script
	profiles  []string // --profile or --profiles
	ofHost    map[string]string
	namedAt   map[string]script.Pos // where a profile is named
	ipv6      bool
	link      sim.Link
	seed      uint64
	tolerance time.Duration
	percent   float64
	packets   packetsMode
	packetSet bool
	bindPort  uint16
	peerPort  uint16
}

const (
	// defaultTolerance is packetdrill's.
	defaultTolerance = 4 * time.Millisecond
	// defaultProfile is that of a script which names none.
	defaultProfile = "rfc9293"
	// maxHosts is how many addresses a network for documentation has.
	maxHosts = 254
	// defaultPort is what bind(3, ..., ...) and connect(3, ..., ...) mean.
	defaultPort = 8080
)

// ignoredOptions are packetdrill's options that steer the original on a real
// machine and mean nothing to a simulation.
var ignoredOptions = []string{
	"local_ip", "remote_ip", "netmask_ip", "gateway_ip", "speed", "verbose", "dry_run", "non_fatal",
	"local_linux_ip", "remote_linux_ip", "tcp_ts_tick_usecs", "tcp_ts_ecr_scaled", "strict_segments", "init_scripts",
	"live_bind_port", "live_connect_port", "wire_client", "wire_server", "persistent_tun_dev", "send_omit_free",
}

// readSettings reads the options of a script.
func readSettings(s *script.Script) (*settings, error) {
	set := &settings{
		ofHost: map[string]string{}, namedAt: map[string]script.Pos{}, tolerance: defaultTolerance,
		bindPort: defaultPort, peerPort: defaultPort,
	}
	var late []script.Option
	for _, it := range s.Items {
		o, ok := it.(script.Option)
		if !ok {
			continue
		}
		if strings.HasSuffix(o.Name, "_profile") {
			late = append(late, o)
			continue
		}
		if err := set.read(o); err != nil {
			return nil, at(s, o.Pos, "--%s: %v", o.Name, err)
		}
		if o.Name == "profile" || o.Name == "profiles" {
			for _, p := range set.profiles {
				set.namedAt[p] = o.Pos
			}
		}
	}
	for _, o := range late {
		host := strings.TrimSuffix(o.Name, "_profile")
		if !slices.Contains(set.hosts, host) {
			return nil, at(s, o.Pos, "--%s: no host %q (--hosts has %s)", o.Name, host, strings.Join(set.hosts, ", "))
		}
		if err := known(o.Value); err != nil {
			return nil, at(s, o.Pos, "--%s: %v", o.Name, err)
		}
		set.ofHost[host] = o.Value
		set.namedAt[o.Value] = o.Pos
	}
	if set.percent == 0 && len(set.hosts) == 0 {
		set.percent = 12.5 // packetdrill's on Linux
	}
	return set, nil
}

// read takes one option.
func (set *settings) read(o script.Option) (err error) {
	switch o.Name {
	case "hosts":
		if set.hosts, err = names(o.Value); len(set.hosts) > maxHosts {
			err = fmt.Errorf("%d hosts, want at most %d", len(set.hosts), maxHosts)
		}
	case "profile":
		set.profiles = []string{o.Value}
		err = known(o.Value)
	case "profiles":
		if set.profiles, err = names(o.Value); err == nil {
			err = known(set.profiles...)
		}
	case "ip_version":
		switch o.Value {
		case "ipv4":
		case "ipv6":
			set.ipv6 = true
		default:
			err = fmt.Errorf("unknown version %q (want ipv4 or ipv6)", o.Value)
		}
	case "delay":
		set.link.Delay, err = duration(o.Value)
	case "jitter":
		set.link.Jitter, err = duration(o.Value)
	case "bandwidth":
		set.link.Rate, err = bitRate(o.Value)
	case "loss":
		set.link.Loss, err = share(o.Value)
	case "duplication":
		set.link.Duplication, err = share(o.Value)
	case "reordering":
		set.link.Reordering, err = share(o.Value)
	case "mtu":
		set.link.MTU, err = number(o.Value, 68, 65535)
	case "seed":
		set.seed, err = strconv.ParseUint(o.Value, 10, 64)
		err = plainer(err, o.Value, "a whole number")
	case "tolerance_usecs":
		var us int
		us, err = number(o.Value, 0, 1e9)
		set.tolerance = time.Duration(us) * time.Microsecond
	case "tolerance_percent":
		set.percent, err = strconv.ParseFloat(o.Value, 64)
		if err = plainer(err, o.Value, "a number"); err == nil && !(set.percent >= 0 && set.percent <= 1000) {
			err = fmt.Errorf("%v is not in 0 to 1000", o.Value)
		}
	case "packets":
		k := slices.Index(packetsNames, o.Value)
		if k < 0 {
			return fmt.Errorf("unknown way %q (want %s)", o.Value, strings.Join(packetsNames, ", "))
		}
		set.packets, set.packetSet = packetsMode(k), true
	case "bind_port":
		set.bindPort, err = port(o.Value)
	case "connect_port":
		set.peerPort, err = port(o.Value)
	default:
		if !slices.Contains(ignoredOptions, o.Name) {
			err = fmt.Errorf("unknown option")
		}
	}
	return err
}

func port(s string) (uint16, error) {
	n, err := number(s, 1, 65535)
	return uint16(n), err
}

func number(s string, lo, hi int) (int, error) {
	n, err := strconv.Atoi(s)
	if err = plainer(err, s, "a whole number"); err == nil && (n < lo || n > hi) {
		err = fmt.Errorf("%d is not in %d to %d", n, lo, hi)
	}
	return n, err
}

// plainer says what was wanted in place of an error of strconv.
func plainer(err error, got, want string) error {
	if err != nil {
		return fmt.Errorf("%q is not %s", got, want)
	}
	return nil
}

func names(s string) ([]string, error) {
	list := strings.Split(s, ",")
	for i, n := range list {
		list[i] = strings.TrimSpace(n)
		if list[i] == "" {
			return nil, fmt.Errorf("empty name in %q", s)
		}
		if slices.Contains(list[:i], list[i]) {
			return nil, fmt.Errorf("%q twice", list[i])
		}
	}
	return list, nil
}

func duration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 || d > time.Hour {
		return 0, fmt.Errorf("%q is not a time from 0 to 1h (such as 10ms)", s)
	}
	return d, nil
}

// share reads "5%" or "0.05".
func share(s string) (float64, error) {
	text, percent := strings.CutSuffix(s, "%")
	f, err := strconv.ParseFloat(text, 64)
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("%q is not a share (such as 5%% or 0.05)", s)
	}
	return f, nil
}

var bitRateUnits = []struct {
	name  string
	times uint64
}{{"gbps", 1e9}, {"mbps", 1e6}, {"kbps", 1e3}, {"gbit", 1e9}, {"mbit", 1e6}, {"kbit", 1e3}, {"bps", 1}, {"", 1}}

// bitRate reads "10Mbps", "10Mbit" or a number of bits a second.
func bitRate(s string) (uint64, error) {
	for _, u := range bitRateUnits {
		if text, ok := strings.CutSuffix(strings.ToLower(s), u.name); ok {
			f, err := strconv.ParseFloat(text, 64)
			if err != nil || !(f > 0 && f*float64(u.times) >= 1 && f*float64(u.times) <= 1e12) {
				break
			}
			return uint64(f * float64(u.times)), nil
		}
	}
	return 0, fmt.Errorf("%q is not a rate (such as 10Mbps)", s)
}

// known checks names of profiles.
func known(list ...string) error {
	for _, name := range list {
		if !slices.Contains(sim.Profiles(), name) {
			return fmt.Errorf("unknown profile %q%s", name, Nearest(name, sim.Profiles()))
		}
	}
	return nil
}

// findSystem finds a profile by its name.
func findSystem(name string) (sim.System, error) {
	s, ok := sim.Profile(name)
	if !ok {
		return s, known(name)
	}
	return s, nil
}

// system finds a profile; the script is in error where it names one that cannot
// be played.
func (r *runner) system(profile string) (sim.System, error) {
	sys, err := findSystem(profile)
	if err != nil {
		pos, named := r.set.namedAt[profile]
		if !named {
			pos = script.Pos{Line: 1, Column: 1}
		}
		err = at(r.script, pos, "%v", err)
	}
	return sys, err
}

// address gives the i-th host of a script its address. The networks are those
// that are set aside for documentation (RFC 5737, RFC 3849).
func address(i int, ipv6 bool) netip.Addr {
	if ipv6 {
		return netip.MustParseAddr(fmt.Sprintf("2001:db8::%x", i+1))
	}
	return netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})
}

// The addresses of a one-host script are packetdrill's.
var oneHost = map[bool][2]netip.Addr{
	false: {netip.MustParseAddr("192.168.0.1"), netip.MustParseAddr("192.0.2.1")},
	true:  {netip.MustParseAddr("fd3d:a0b:17d6::1"), netip.MustParseAddr("fd3d:fa7b:d17d::1")},
}
