package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
	"github.com/tcpsim/tcpsim/sim"
)

// runOptions are the flags of run.
type runOptions struct {
	capture  string
	profile  string
	format   string
	vantage  string
	linkType string
	ipv6     bool
}

// maxDrawn is how many simulated events a run may have that is drawn: a ladder is
// held in memory. scenarios.MaxEvents is the limit of all others.
const maxDrawn = 200_000

var runFormats = []string{"ladder", "json", "mermaid"}

func newRun() *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use:   "run SCENARIO|FILE",
		Short: "Play a scenario or a script and draw it",
		Long: "Play a scenario of the library, or a script from a file or - for standard input, and draw it.\n" +
			"With -w the packets are written as a capture: pcapng, or pcap if the file's name ends in .pcap.\n" +
			fmt.Sprintf("A run ends after %d simulated events; with -w -, which draws nothing, after %d.", maxDrawn, scenarios.MaxEvents),
		Args:              oneArg("scenario or file"),
		ValidArgsFunction: scenarioNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := choice("format", o.format, runFormats); err != nil {
				return err
			}
			if err := choice("link-type", o.linkType, linkTypes); err != nil {
				return err
			}
			if err := checkProfile(o.profile); err != nil {
				return err
			}
			if cmd.Flags().Changed("write") && o.capture == "" {
				return errors.New("-w: the name of the file is empty")
			}
			src, err := findOne(cmd, args[0])
			if err != nil {
				return err
			}
			return runOne(cmd, src, &o)
		},
	}
	f := cmd.Flags()
	f.BoolVarP(&o.ipv6, "ipv6", "6", false, "play it over IPv6, whatever the script says")
	f.StringVarP(&o.capture, "write", "w", "", "write the packets to this file, or - for standard output")
	f.StringVar(&o.profile, "profile", "", "play under this profile")
	f.StringVar(&o.format, "format", "ladder", "ladder, json or mermaid")
	f.StringVar(&o.vantage, "vantage", "", "where packets are captured: a host, link (between them) or all (default: the first host)")
	f.StringVar(&o.linkType, "link-type", "ethernet", "what the captured frames begin with: ethernet or raw (IP)")
	return cmd
}

// runOne plays one script and shows it.
func runOne(cmd *cobra.Command, src source, o *runOptions) error {
	s, err := src.parse()
	if err != nil {
		return err
	}
	profiles, err := scenarios.Runs(s, scenarios.Config{Profile: o.profile})
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if o.capture == "" {
		outcome, err := playAndShow(out, s, profiles[0], o, nil)
		if err != nil {
			return err
		}
		return tell(cmd, outcome)
	}
	show := out
	if o.capture == "-" { // the capture is the result then
		show = nil
	}
	var outcome *scenarios.Outcome
	err = writeCapture(cmd, o.capture, func(w io.Writer) error {
		var err error
		outcome, err = playAndShow(show, s, profiles[0], o, w)
		if err == nil && outcome.Status == scenarios.Error {
			err = errReported
		}
		return err
	})
	if outcome != nil && (err == nil || outcome.Status == scenarios.Error) {
		return tell(cmd, outcome)
	}
	return err
}

// tell says on standard error how a run failed, if it did.
func tell(cmd *cobra.Command, o *scenarios.Outcome) error {
	if o.Status == scenarios.Pass {
		return nil
	}
	fmt.Fprintln(cmd.ErrOrStderr(), o)
	if o.Status == scenarios.Error {
		return errReported
	}
	return errFailed
}

// playAndShow plays a script under a profile, draws it to w, and captures it to
// capture, as far as they are not nil.
func playAndShow(w io.Writer, s *script.Script, profile string, o *runOptions, capture io.Writer) (*scenarios.Outcome, error) {
	var ladder *sim.Ladder
	var log *sim.RunLog
	var run scenarios.Run
	var tap *tap
	var attachErr error
	cfg := scenarios.Config{IPv6: o.ipv6, Attach: func(n *sim.Network, r scenarios.Run) error {
		run = r
		switch {
		case w == nil:
		case o.format == "json":
			log = sim.NewRunLog(n)
		default:
			ladder = sim.NewLadder(n)
		}
		if capture != nil {
			tap, attachErr = newTap(n, r, capture, o)
		}
		return attachErr
	}}
	if w != nil {
		cfg.Events = maxDrawn
	}
	outcome := scenarios.PlayUnder(s, profile, cfg)
	if attachErr != nil {
		return nil, attachErr
	}
	if tap != nil {
		if err := tap.Close(); err != nil {
			return nil, err
		}
	}
	var err error
	switch {
	case w == nil, outcome.Status == scenarios.Error: // one line says why, and that is all
	case o.format == "json":
		err = log.Write(w, map[string]any{
			"scenario": run.Script, "title": run.Title, "lesson": run.Lesson, "profile": run.Profile,
			"seed": run.Seed, "status": outcome.Status, "version": version,
		})
	case o.format == "mermaid":
		err = ladder.Mermaid(w)
	default:
		p := palette(w)
		fmt.Fprintln(w, p.Head(run.Script)+"  "+run.Profile)
		for _, line := range wrap(strings.TrimSpace(run.Title+". "+run.Lesson), 100) {
			fmt.Fprintln(w, line)
		}
		fmt.Fprintln(w)
		err = ladder.Draw(w, p)
	}
	return &outcome, err
}

// wrap breaks a text into lines of at most width columns, where words allow.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(text) {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + w)
	}
	if line != "" && line != "." {
		lines = append(lines, line)
	}
	return lines
}
