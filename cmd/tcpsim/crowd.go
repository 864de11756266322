package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/crowd"
)

var crowdFormats = []string{"text", "csv", "json", "svg"}

func newCrowd() *cobra.Command {
	var format string
	var rate float64
	cmd := &cobra.Command{
		Use:   "crowd [NAME]",
		Short: "Play a service under many clients, and show its sockets over time",
		Long: "Play a service over simulated hours: clients come, and the end that closes second closes, late, or never.\n" +
			"The time line shows the connections of both hosts by state; the first call that fails is named, with its cause.\n" +
			"Without a name the ready-made crowds are listed. A flag overrides what the crowd has for it, as its default shows.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("crowd takes one name, got %d arguments", len(args))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return crowd.Names(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := choice("format", format, crowdFormats); err != nil {
				return err
			}
			if len(args) == 0 {
				if cmd.Flags().NFlag() > 0 {
					return fmt.Errorf("crowd with flags takes a name (%s)", strings.Join(crowd.Names(), ", "))
				}
				return listCrowds(cmd.OutOrStdout())
			}
			ready, ok := crowd.Find(args[0])
			if !ok {
				return fmt.Errorf("unknown crowd %q%s", args[0], scenarios.Nearest(args[0], crowd.Names()))
			}
			if err := override(cmd.Flags(), &ready, rate); err != nil {
				return err
			}
			return runCrowd(cmd.OutOrStdout(), &ready, format)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&format, "format", "text", "text, csv, json or svg")
	crowdFlags(f)
	f.Float64Var(&rate, "rate", 0, "clients a second; with --duration it gives --clients, with --clients it gives --duration")
	return cmd
}

// crowdFlags declares a flag for each field of a crowd. What they are set to is
// applied to the named crowd afterwards, in override.
func crowdFlags(f *pflag.FlagSet) {
	f.Int("clients", 0, "how many clients come")
	f.Duration("duration", 0, "the time within which they come")
	f.Bool("even", false, "they come at equal intervals, not at random")
	f.Duration("after", 0, "how long to look on when all have come")
	f.Duration("every", 0, "the time from one line to the next (default: a 24th of --duration, if that is given)")
	f.String("first", "", "who closes first: client or server")
	f.String("on-eof", "", "what the other does when read returns 0 or fails: close, leak (never close) or late")
	f.Float64("share", 1, "the share of connections on which it does, 0 to 1; it closes the others at once")
	f.Duration("late", 0, "how much later late is")
	f.String("linger", "", "SO_LINGER of the server's sockets: off, or seconds")
	f.String("client-linger", "", "SO_LINGER of the client's sockets: off, or seconds")
	f.Bool("reuseaddr", false, "set SO_REUSEADDR on every socket")
	f.Int("descriptors", 0, "how many descriptors a process may have")
	f.String("ports", "", "the client's ephemeral ports, LOW-HIGH")
	f.Int("backlog", 0, "how many connections the server's listen queue holds")
	f.Int("addresses", 0, "how many addresses the server has, which clients use in turn")
	f.Int("pool", 0, "how many connections the client keeps and uses again")
	f.Duration("idle", 0, "after which the end that closes first closes one that nobody uses")
	f.Int("request", 0, "octets of a request")
	f.Int("reply", 0, "octets of a reply")
	f.Duration("serve", 0, "what the server takes for a reply")
	f.Duration("timeout", 0, "after which a client gives up")
	f.Duration("restart", 0, "when the server's process ends and starts again")
	f.Duration("retry", 0, "after which it tries again to bind its port")
	f.Duration("delay", 0, "of the link, one way")
	f.String("profile", "", "of both hosts: "+strings.Join(sim.Profiles(), " or "))
	f.StringArray("sysctl", nil, "set a parameter of both hosts, NAME=VALUE; may be repeated")
	f.Uint64("seed", 0, "of everything that is left to chance")
}

// override sets the fields of a crowd whose flags were given.
func override(f *pflag.FlagSet, s *crowd.Spec, rate float64) error {
	var err error
	f.Visit(func(g *pflag.Flag) {
		if err == nil {
			err = setField(s, g)
		}
	})
	if err != nil {
		return err
	}
	if f.Changed("rate") {
		if err := setRate(f, s, rate); err != nil {
			return err
		}
	}
	if f.Changed("duration") && !f.Changed("every") {
		s.Every = max(s.Duration/24, time.Millisecond)
	}
	if err := choice("profile", strings.ToLower(s.Profile), sim.Profiles()); err != nil {
		return err
	}
	return flagOf(s.Check())
}

// flagOf names the flag of a field that cannot be.
func flagOf(err error) error {
	var field *crowd.FieldError
	if errors.As(err, &field) {
		return fmt.Errorf("--%w", err)
	}
	return err
}

// setField sets the field of one flag.
func setField(s *crowd.Spec, g *pflag.Flag) error {
	value := g.Value.String()
	ints := map[string]*int{
		"clients": &s.Clients, "request": &s.Request, "reply": &s.Reply, "pool": &s.Pool,
		"descriptors": &s.Descriptors, "backlog": &s.Backlog, "addresses": &s.Addresses,
	}
	lengths := map[string]*time.Duration{
		"duration": &s.Duration, "after": &s.After, "every": &s.Every, "late": &s.Late, "idle": &s.Idle, "serve": &s.Serve,
		"timeout": &s.Timeout, "restart": &s.Restart, "retry": &s.Retry, "delay": &s.Delay,
	}
	lingers := map[string]*sim.Linger{"linger": &s.Linger, "client-linger": &s.ClientLinger}
	var err error
	switch g.Name {
	case "even":
		s.Even = value == "true"
	case "reuseaddr":
		s.ReuseAddr = value == "true"
	case "share":
		s.Share, err = strconv.ParseFloat(value, 64)
	case "seed":
		s.Seed, err = strconv.ParseUint(value, 10, 64)
	case "profile":
		s.Profile = value
	case "sysctl":
		s.Sysctl = g.Value.(pflag.SliceValue).GetSlice()
	case "ports":
		return flagOf(s.SetPorts(value))
	case "first":
		if err := choice("first", value, []string{crowd.Client.String(), crowd.Server.String()}); err != nil {
			return err
		}
		s.First, _ = crowd.ParseSide(value)
	case "on-eof":
		if err := choice("on-eof", value, crowd.OnEOFNames()); err != nil {
			return err
		}
		s.OnEOF, _ = crowd.ParseOnEOF(value)
	default:
		if to := ints[g.Name]; to != nil {
			*to, err = strconv.Atoi(value)
		} else if to := lengths[g.Name]; to != nil {
			*to, err = time.ParseDuration(value)
		} else if to := lingers[g.Name]; to != nil {
			*to, err = crowd.ParseLinger(value)
		}
	}
	if err != nil {
		return fmt.Errorf("--%s: %w", g.Name, err)
	}
	return nil
}

// setRate gives what --rate and one of --clients and --duration leave open; of a
// ready-made crowd the duration stays.
func setRate(f *pflag.FlagSet, s *crowd.Spec, rate float64) error {
	switch clients := rate * s.Duration.Seconds(); {
	case !(rate > 0) || math.IsInf(rate, 0):
		return fmt.Errorf("--rate: %v is not a number of clients a second", rate)
	case f.Changed("clients") && f.Changed("duration"):
		return errors.New("--rate: --clients and --duration give it already")
	case f.Changed("clients"):
		d := float64(s.Clients) / rate * float64(time.Second)
		if d >= math.MaxInt64 {
			return fmt.Errorf("--rate: %v is too slow for %d clients", rate, s.Clients)
		}
		s.Duration = time.Duration(math.Round(d))
		if !f.Changed("every") {
			s.Every = max(s.Duration/24, time.Millisecond)
		}
	case clients > math.MaxInt32:
		return fmt.Errorf("--rate: %v is too fast for %v", rate, s.Duration)
	default:
		s.Clients = int(math.Round(clients))
	}
	return nil
}

func listCrowds(w io.Writer) error {
	for _, s := range crowd.Ready() {
		if _, err := fmt.Fprintf(w, "%-22s %s\n", s.Name, s.Title); err != nil {
			return err
		}
	}
	return nil
}

func runCrowd(w io.Writer, s *crowd.Spec, format string) error {
	r, err := crowd.Run(*s)
	if err != nil {
		return err
	}
	switch format {
	case "csv":
		return r.CSV(w)
	case "json":
		return r.JSON(w)
	case "svg":
		return r.SVG(w)
	}
	return r.Text(w)
}
