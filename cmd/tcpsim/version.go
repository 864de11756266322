package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// version is what captures and `tcpsim version` say; see CHANGELOG.md.
const version = "0.1.0"

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "tcpsim", version)
			return err
		},
	}
}
