package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios/matrix"
	"github.com/tcpsim/tcpsim/sim"
)

// axis is a flag that chooses cells of the matrix.
type axis struct {
	flag, says string
	names      []string
	wanted     *[]string
}

func matrixAxes(f *matrix.Filter) []axis {
	return []axis{
		{"profile", "of both hosts", sim.Profiles(), &f.Profiles},
		{"state", "in which the call finds the connection", matrix.StateNames(), &f.States},
		{"call", "how the program ends it", matrix.CallNames, &f.Calls},
		{"linger", fmt.Sprintf("SO_LINGER, n being %d seconds", matrix.LingerSeconds), matrix.LingerNames, &f.Lingers},
		{"mode", "of the descriptor", matrix.ModeNames, &f.Modes},
		{"pending", "what is left to do", matrix.PendingNames, &f.Pendings},
		{"peer", "what it does then", matrix.PeerNames, &f.Peers},
	}
}

func newMatrix() *cobra.Command {
	var filter matrix.Filter
	var format, dir string
	var jobs int
	axes := matrixAxes(&filter)
	cmd := &cobra.Command{
		Use:   "matrix",
		Short: "Play every way to end a connection, in every state",
		Long: "Play every way to end a connection: each call, in each state, with each setting of SO_LINGER, with data\n" +
			"pending or not, whatever the peer does, under each profile. Combinations that cannot be are listed with the\n" +
			"reason. A flag keeps the cells with one of its values; values are separated by commas.",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := choice("format", format, matrix.Formats); err != nil {
				return err
			}
			if jobs < 1 {
				return fmt.Errorf("--jobs: %d is not a number of cells", jobs)
			}
			for _, a := range axes {
				if err := a.read(cmd); err != nil {
					return err
				}
			}
			cells := matrix.Cells(sim.Profiles(), filter)
			if cmd.Flags().Changed("export") {
				return exportCells(cmd, dir, cells, jobs)
			}
			return playMatrix(cmd, format, cells, jobs)
		},
	}
	for _, a := range axes {
		cmd.Flags().StringSliceVar(a.wanted, a.flag, nil, a.says+": "+strings.Join(a.names, ", "))
	}
	cmd.Flags().StringVar(&format, "format", "text", strings.Join(matrix.Formats, ", "))
	cmd.Flags().StringVar(&dir, "export", "", "write each cell as a script into this directory, and print no table")
	cmd.Flags().IntVarP(&jobs, "jobs", "j", runtime.GOMAXPROCS(0), "how many cells are played at once")
	return cmd
}

// read puts the values of a flag into the form of the axis: states may be
// written as the RFC does, or as kernels do.
func (a *axis) read(cmd *cobra.Command) error {
	if cmd.Flags().Changed(a.flag) && len(*a.wanted) == 0 {
		return fmt.Errorf("--%s: no value", a.flag)
	}
	for i, v := range *a.wanted {
		name := strings.ToLower(strings.TrimSpace(v))
		if a.flag == "state" {
			name = strings.ReplaceAll(name, "_", "-")
		}
		if err := choice(a.flag, name, a.names); err != nil {
			return err
		}
		(*a.wanted)[i] = name
	}
	return nil
}

// playMatrix plays cells and prints them. A violated invariant is a failure.
func playMatrix(cmd *cobra.Command, format string, cells []matrix.Cell, jobs int) error {
	bar := newProgress(cmd.ErrOrStderr(), len(cells))
	results := matrix.RunAll(cells, jobs, func(*matrix.Result) { bar.step() })
	bar.clear()
	if err := matrix.Write(cmd.OutOrStdout(), format, results); err != nil {
		return err
	}
	if slices.ContainsFunc(results, func(r matrix.Result) bool { return r.Broken != nil }) {
		return errFailed
	}
	return nil
}

// exportCells writes cells as scripts. Those that cannot be reached are counted.
func exportCells(cmd *cobra.Command, dir string, cells []matrix.Cell, jobs int) error {
	if dir == "" {
		return fmt.Errorf("--export: no directory")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("--export: %w", plain(dir, err))
	}
	written := 0
	err := matrix.Scripts(cells, jobs, func(e matrix.Exported) error {
		if e.Err != nil || e.Reason != "" {
			return e.Err
		}
		path := filepath.Join(dir, e.Cell.Name()+".pkt")
		if err := os.WriteFile(path, e.Text, 0o666); err != nil {
			return fmt.Errorf("--export: %w", plain(path, err))
		}
		written++
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%d scripts in %s; %d cells are unreachable\n", written, dir, len(cells)-written)
	return err
}
