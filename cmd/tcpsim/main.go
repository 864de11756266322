// Command tcpsim plays scripted TCP exchanges between simulated hosts in virtual
// time, draws them, checks them, and writes them as captures.
//
// Results go to standard output, everything else to standard error. The exit
// status is 0 if all passed, 1 if an expectation did not hold, and 2 for a usage
// that cannot be carried out or a script in error: then one line says why.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
)

// The exit statuses.
const (
	exitPass  = 0
	exitFail  = 1
	exitError = 2
)

// errFailed tells that expectations did not hold, and that this has been said.
var errFailed = errors.New("failed")

// errReported tells of an error that has been said.
var errReported = errors.New("in error")

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run carries out a command line and gives the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.Execute()
	switch {
	case err == nil:
		return exitPass
	case errors.Is(err, errFailed):
		return exitFail
	case errors.Is(err, errReported):
		return exitError
	}
	var inScript *script.Error
	if errors.As(err, &inScript) { // it begins with its place, for editors
		fmt.Fprintln(stderr, inScript)
		return exitError
	}
	fmt.Fprintf(stderr, "tcpsim: %s\n", oneLine(err.Error()))
	return exitError
}

// oneLine makes a message of a library fit one line.
func oneLine(s string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return first
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "tcpsim",
		Short:         "Play TCP exchanges between simulated hosts, see them, get their captures",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return fmt.Errorf("unknown command %q%s", args[0], scenarios.Nearest(args[0], commandNames(cmd)))
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = false
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		newRun(), newTest(), newCompare(), newMatrix(), newCrowd(), newList(), newShow(), newRules(), newProfiles(), newFmt(), newVersion(),
	)
	return root
}

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
	}
	return names
}

// flagError adds the nearest flag to the message about an unknown one.
func flagError(cmd *cobra.Command, err error) error {
	name, ok := strings.CutPrefix(err.Error(), "unknown flag: --")
	if !ok {
		return err
	}
	return fmt.Errorf("%w%s", err, scenarios.Nearest(name, flagNames(cmd)))
}

// choice checks the value of a flag against a list.
func choice(flag, value string, list []string) error {
	for _, l := range list {
		if l == value {
			return nil
		}
	}
	return fmt.Errorf("--%s: unknown %q%s (want %s)", flag, value, scenarios.Nearest(value, list), strings.Join(list, ", "))
}
