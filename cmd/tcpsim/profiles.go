package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
)

func newProfiles() *cobra.Command {
	var diff bool
	cmd := &cobra.Command{
		Use:   "profiles [NAME [NAME]]",
		Short: "List the profiles, or print one with its sources, or what differs between two",
		Args:  cobra.MaximumNArgs(2),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return sim.Profiles(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w := cmd.OutOrStdout()
			var systems []sim.System
			for _, name := range args {
				s, ok := sim.Profile(name)
				if !ok {
					return fmt.Errorf("unknown profile %q%s", name, scenarios.Nearest(name, sim.Profiles()))
				}
				systems = append(systems, s)
			}
			switch {
			case diff && len(systems) != 2:
				return fmt.Errorf("--diff: want two profiles")
			case len(systems) == 2:
				return printDifference(w, &systems[0], &systems[1])
			case len(systems) == 1:
				return printProfile(w, &systems[0])
			}
			for _, name := range sim.Profiles() {
				if _, err := fmt.Fprintln(w, name); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&diff, "diff", false, "only what differs between two profiles")
	return cmd
}

func printProfile(w io.Writer, s *sim.System) error {
	clause := palette(w).Clause
	for _, p := range sim.Parameters() {
		if _, err := fmt.Fprintf(w, "%-26s %-34s %-58s %s\n", p.Name, p.Value(s), p.Says, clause(p.Source(s))); err != nil {
			return err
		}
	}
	return nil
}

func printDifference(w io.Writer, a, b *sim.System) error {
	if _, err := fmt.Fprintln(w, palette(w).Head(fmt.Sprintf("%-26s %-34s %-34s", "", a.Name(), b.Name()))); err != nil {
		return err
	}
	for _, p := range sim.Parameters() {
		if p.Value(a) == p.Value(b) {
			continue
		}
		if _, err := fmt.Fprintf(w, "%-26s %-34s %-34s %s\n", p.Name, p.Value(a), p.Value(b), p.Says); err != nil {
			return err
		}
	}
	return nil
}
