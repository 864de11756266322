package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/scenarios"
)

func newRules() *cobra.Command {
	return &cobra.Command{
		Use:   "rules [NAME]",
		Short: "Print the table of rules, or one rule with the scenarios that fire it",
		Args:  cobra.MaximumNArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return ruleNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return printRules(cmd.OutOrStdout())
			}
			id := fsm.FindRule(args[0])
			if id == 0 {
				return fmt.Errorf("unknown rule %q%s", args[0], scenarios.Nearest(args[0], ruleNames()))
			}
			return printRule(cmd.OutOrStdout(), id)
		},
	}
}

func ruleNames() []string {
	var names []string
	for _, r := range fsm.Rules() {
		names = append(names, r.Name)
	}
	return names
}

func printRules(w io.Writer) error {
	clause := palette(w).Clause
	for _, r := range fsm.Rules() {
		if _, err := fmt.Fprintf(w, "%-30s %s\n", r.Name, clause(r.Cite.String())); err != nil {
			return err
		}
	}
	return nil
}

func printRule(w io.Writer, id fsm.RuleID) error {
	r := id.Rule()
	p := palette(w)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "  %-10s %s\n", name, value)
		}
	}
	fmt.Fprintln(w, p.Head(r.Name))
	row("says", r.Says)
	row("clause", r.Cite.String())
	row("event", r.Event())
	row("check", r.At.String())
	row("in", r.In.String())
	row("to", r.To.String())
	row("switch", strings.Join(r.With.Names(), ", "))
	fired := scenarios.Coverage()[id]
	_, err := fmt.Fprintf(w, "  %-10s %s\n", "fired by", strings.Join(fired, ", "))
	return err
}
