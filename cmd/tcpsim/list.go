package main

import (
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios"
)

func newList() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the scenarios of the library",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := choice("format", format, []string{"text", "json"}); err != nil {
				return err
			}
			if format == "json" {
				return listJSON(cmd)
			}
			return listText(cmd)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

func listText(cmd *cobra.Command) error {
	w := cmd.OutOrStdout()
	head := palette(w).Head
	family := ""
	for _, s := range scenarios.Library() {
		if s.Family != family {
			if family != "" {
				fmt.Fprintln(w)
			}
			family = s.Family
			fmt.Fprintln(w, head(family))
		}
		if _, err := fmt.Fprintf(w, "  %-34s %s\n", s.Name, s.Title); err != nil {
			return err
		}
	}
	return nil
}

func listJSON(cmd *cobra.Command) error {
	type entry struct {
		Name     string   `json:"name"`
		Family   string   `json:"family"`
		Title    string   `json:"title"`
		Lesson   string   `json:"lesson"`
		Profiles []string `json:"profiles"`
	}
	list := []entry{}
	for _, s := range scenarios.Library() {
		profiles, err := scenarios.Runs(s.Script, scenarios.Config{})
		if err != nil {
			return err
		}
		list = append(list, entry{s.Name, s.Family, s.Title, s.Lesson, profiles})
	}
	enc := json.NewEncoder(cmd.OutOrStdout())
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(list)
}

// noArgs refuses arguments in one line.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, got %q", cmd.Name(), args[0])
	}
	return nil
}

// oneArg asks for one argument, by what it is.
func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return fmt.Errorf("%s takes one %s, got %d arguments", cmd.Name(), what, len(args))
		}
		return nil
	}
}

// scenarioNames completes the names of scenarios in a shell.
func scenarioNames(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return scenarios.Names(), cobra.ShellCompDirectiveDefault
}

func newShow() *cobra.Command {
	return &cobra.Command{
		Use:               "show SCENARIO",
		Short:             "Print the script of a scenario",
		Args:              oneArg("scenario"),
		ValidArgsFunction: scenarioNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			s, ok := scenarios.Find(args[0])
			if !ok {
				return unknownScenario(args[0])
			}
			_, err := cmd.OutOrStdout().Write(s.Text)
			return err
		},
	}
}
