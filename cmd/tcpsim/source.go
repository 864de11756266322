package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/scenarios/script"
)

// maxScript is the size of the largest script that is read, in bytes.
const maxScript = 64 << 20

func flagNames(cmd *cobra.Command) []string {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// source is a script that is to be played: one of the library, or a file.
type source struct {
	name string // as it is shown
	text func() ([]byte, error)
}

// parse reads the script.
func (s source) parse() (*script.Script, error) {
	text, err := s.text()
	if err != nil {
		return nil, err
	}
	return script.Parse(s.name, text)
}

func libraryScript(sc scenarios.Scenario) source {
	return source{sc.Name, func() ([]byte, error) { return sc.Text, nil }}
}

func fileScript(path string) source {
	return source{path, func() ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, plain(path, err)
		}
		defer func() { _ = f.Close() }()
		text, err := io.ReadAll(io.LimitReader(f, maxScript+1))
		switch {
		case err != nil:
			return nil, plain(path, err)
		case len(text) > maxScript:
			return nil, fmt.Errorf("%s: larger than %d MB", path, maxScript>>20)
		}
		return text, nil
	}}
}

func stdinScript(cmd *cobra.Command) source {
	return source{"-", func() ([]byte, error) { return io.ReadAll(io.LimitReader(cmd.InOrStdin(), maxScript)) }}
}

// plain says what is wrong with a file, without the system call's name.
func plain(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// findOne finds the script that an argument names: a scenario, "-" for standard
// input, or a file.
func findOne(cmd *cobra.Command, arg string) (source, error) {
	if arg == "-" {
		return stdinScript(cmd), nil
	}
	if sc, ok := scenarios.Find(arg); ok {
		return libraryScript(sc), nil
	}
	info, err := os.Stat(arg)
	switch {
	case err == nil && info.IsDir():
		return source{}, fmt.Errorf("%s: is a directory (tcpsim test walks directories)", arg)
	case err == nil:
		return fileScript(arg), nil
	case looksLikeFile(arg):
		return source{}, plain(arg, err)
	}
	return source{}, unknownScenario(arg)
}

func looksLikeFile(arg string) bool {
	return strings.HasSuffix(arg, ".pkt") || strings.ContainsRune(arg, os.PathSeparator)
}

func unknownScenario(name string) error {
	return fmt.Errorf("unknown scenario %q%s", name, scenarios.Nearest(name, scenarios.Names()))
}

// findAll finds the scripts that arguments name: scenarios, families of them,
// files, and directories, which are walked for .pkt files. Without arguments it
// is the library.
func findAll(cmd *cobra.Command, args []string) ([]source, error) {
	var list []source
	if len(args) == 0 {
		for _, sc := range scenarios.Library() {
			list = append(list, libraryScript(sc))
		}
		return list, nil
	}
	for _, arg := range args {
		if family := familyScripts(arg); family != nil {
			list = append(list, family...)
			continue
		}
		info, err := os.Stat(arg)
		if arg != "-" && err == nil && info.IsDir() {
			files, err := walk(arg)
			if err != nil {
				return nil, err
			}
			list = append(list, files...)
			continue
		}
		s, err := findOne(cmd, arg)
		if err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, nil
}

func familyScripts(name string) []source {
	var list []source
	for _, sc := range scenarios.Library() {
		if sc.Family == strings.TrimSuffix(name, "/") {
			list = append(list, libraryScript(sc))
		}
	}
	return list
}

// walk lists the scripts below a directory, in the order of their paths.
func walk(dir string) ([]source, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return plain(path, err)
		}
		if !d.IsDir() && strings.HasSuffix(path, ".pkt") {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if paths == nil {
		return nil, fmt.Errorf("%s: no .pkt files", dir)
	}
	slices.Sort(paths)
	var list []source
	for _, p := range paths {
		list = append(list, fileScript(p))
	}
	return list, nil
}
