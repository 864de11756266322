package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios/script"
)

func newFmt() *cobra.Command {
	var write, list bool
	cmd := &cobra.Command{
		Use:   "fmt FILE ...",
		Short: "Print scripts in their canonical form",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("fmt takes files, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			differ := false
			for _, arg := range args {
				d, err := format(cmd, arg, write, list)
				if err != nil {
					return err
				}
				differ = differ || d
			}
			if list && differ {
				return errFailed
			}
			return nil
		},
	}
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write the files instead of printing them")
	cmd.Flags().BoolVarP(&list, "list", "l", false, "only name the files that would change, and exit with 1 if there is one")
	return cmd
}

// format prints, writes or names one script, and tells whether it differs from
// its canonical form.
func format(cmd *cobra.Command, arg string, write, list bool) (differs bool, err error) {
	src := fileScript(arg)
	if arg == "-" {
		src = stdinScript(cmd)
	}
	text, err := src.text()
	if err != nil {
		return false, err
	}
	canonical, err := script.Format(src.name, text)
	if err != nil {
		return false, err
	}
	differs = !bytes.Equal(text, canonical)
	switch {
	case list:
		if differs {
			fmt.Fprintln(cmd.OutOrStdout(), arg)
		}
	case write && arg != "-":
		if differs {
			if err := replaceFile(arg, func(f *os.File) error { _, err := f.Write(canonical); return err }); err != nil {
				return differs, err
			}
		}
	default:
		_, err = cmd.OutOrStdout().Write(canonical)
	}
	return differs, err
}
