package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
	"github.com/tcpsim/tcpsim/sim/pcap"
)

var linkTypes = []string{"ethernet", "raw"}

// tap is a capture that is being written.
type tap struct{ *pcap.Writer }

// newTap captures a network where the flags say.
func newTap(n *sim.Network, run scenarios.Run, w io.Writer, o *runOptions) (*tap, error) {
	opts := pcap.Options{
		Format: pcap.PCAPNG, Comments: true, Scenario: run.Script, Seed: run.Seed, Version: version,
	}
	if strings.HasSuffix(o.capture, ".pcap") {
		opts.Format, opts.Comments = pcap.PCAP, false
	}
	if o.linkType == "raw" {
		opts.LinkType = pcap.RawIP
	}
	v, err := vantage(n, o)
	if err != nil {
		return nil, err
	}
	opts.Vantage = v
	pw, err := pcap.New(n, w, opts)
	if err != nil {
		return nil, fmt.Errorf("-w: %w", err)
	}
	n.Listen(pw.Record, pw.Kinds()...)
	return &tap{pw}, nil
}

// vantage finds the place that --vantage names.
func vantage(n *sim.Network, o *runOptions) (pcap.Vantage, error) {
	names := []string{"link", "all"}
	switch o.vantage {
	case "":
		return pcap.At(0), nil
	case "link":
		return pcap.Link, nil
	case "all":
		return pcap.All, nil
	}
	for _, h := range n.Hosts() {
		if h.Name == o.vantage {
			return pcap.At(h.ID()), nil
		}
		names = append(names, h.Name)
	}
	return 0, choice("vantage", o.vantage, names)
}

// writeCapture gives fill a writer for the file of that name, or standard output
// for "-".
func writeCapture(cmd *cobra.Command, name string, fill func(io.Writer) error) error {
	if name == "-" {
		b := bufio.NewWriter(cmd.OutOrStdout())
		if err := fill(b); err != nil {
			return err
		}
		return b.Flush()
	}
	return replaceFile(name, func(f *os.File) error { return fill(f) })
}

// replaceFile writes a file whole or not at all: beside its place first, then
// into it. What is no regular file, a pipe or a device, is written in place.
func replaceFile(name string, fill func(*os.File) error) (err error) {
	info, statErr := os.Stat(name)
	switch {
	case statErr == nil && info.IsDir():
		return fmt.Errorf("%s: is a directory", name)
	case statErr == nil && !info.Mode().IsRegular():
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return plain(name, err)
		}
		return ofFile(name, errors.Join(fill(f), f.Close()))
	}
	if statErr == nil { // it must be writable, and behind a link it is the file that is replaced
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return plain(name, err)
		}
		_ = f.Close()
		if real, err := filepath.EvalSymlinks(name); err == nil {
			name = real
		}
	}
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return plain(name, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	if err := fill(f); err != nil {
		_ = f.Close()
		return ofFile(name, err)
	}
	mode := os.FileMode(0o644)
	if statErr == nil {
		mode = info.Mode().Perm()
	}
	if err := errors.Join(f.Chmod(mode), f.Close()); err != nil {
		return plain(name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return plain(name, err)
	}
	return nil
}

// ofFile makes an error of writing a file name it as the user does.
func ofFile(name string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return plain(name, err)
	}
	return err
}
