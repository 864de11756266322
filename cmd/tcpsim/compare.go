package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios/compare"
	"github.com/tcpsim/tcpsim/sim"
)

// compareOptions are the flags of compare.
type compareOptions struct {
	profiles string
	story    string
	format   string
}

var compareFormats = []string{"text", "json", "markdown"}

func newCompare() *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare SCENARIO|FILE",
		Short: "Play one story under several profiles and show what differs, and why",
		Long: "Play one story, the calls and the forged segments of a script, under several profiles, and show what differs\n" +
			"side by side: segments, results of calls, states. What the script expects is not checked. The switches that\n" +
			"made a difference are found by experiment: with them set as the other profile has them, it vanishes.\n" +
			"Without --profiles they are those that the script names, or all that there are.",
		Args:              oneArg("scenario or file"),
		ValidArgsFunction: scenarioNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := choice("format", o.format, compareFormats); err != nil {
				return err
			}
			if err := checkStory(o.story); err != nil {
				return err
			}
			var profiles []string
			if cmd.Flags().Changed("profiles") {
				var err error
				if profiles, err = profileList(o.profiles); err != nil {
					return err
				}
			}
			src, err := findOne(cmd, args[0])
			if err != nil {
				return err
			}
			return compareOne(cmd, src, profiles, &o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.profiles, "profiles", "", "the profiles, with commas between them; the others are held against the first")
	f.StringVar(&o.story, "story", "", "whose lines (@NAME) of the script are the story (default: the first profile that the script names)")
	f.StringVar(&o.format, "format", "text", "text, json or markdown")
	return cmd
}

// profileList reads the value of --profiles.
func profileList(value string) ([]string, error) {
	var list []string
	for _, name := range strings.Split(value, ",") {
		name = strings.TrimSpace(name)
		if err := choice("profiles", name, sim.Profiles()); err != nil {
			return nil, err
		}
		if slices.Contains(list, name) {
			return nil, fmt.Errorf("--profiles: %q twice", name)
		}
		list = append(list, name)
	}
	if len(list) < 2 {
		return nil, errors.New("--profiles: it takes two profiles to differ")
	}
	return list, nil
}

// checkStory checks the value of --story: scripts may have lines for profiles that
// are not simulated.
func checkStory(name string) error {
	if name == "" {
		return nil
	}
	return choice("story", name, sim.Profiles())
}

func compareOne(cmd *cobra.Command, src source, profiles []string, o *compareOptions) error {
	s, err := src.parse()
	if err != nil {
		return err
	}
	if profiles == nil {
		if profiles, err = compare.Profiles(s); err != nil {
			return err
		}
	}
	c, err := compare.Of(s, profiles, o.story)
	if err != nil {
		return err
	}
	w := cmd.OutOrStdout()
	switch o.format {
	case "json":
		return c.JSON(w)
	case "markdown":
		return c.Markdown(w)
	}
	return c.Text(w, palette(w))
}
