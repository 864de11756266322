package fsm

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// sources parses the package's own files, without tests.
func sources(t *testing.T) (*token.FileSet, map[string]*ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	files := map[string]*ast.File{}
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, n := range names {
		if strings.HasSuffix(n, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(fset, n, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files[n] = f
	}
	require.NotEmpty(t, files)
	return fset, files
}

// The machine has no clock, no I/O and no randomness: it imports nothing that
// could give it one, and of time only lengths.
func TestImports(t *testing.T) {
	allowed := map[string]bool{"fmt": true, "strings": true, "strconv": true, "math": true, "math/bits": true, "time": true}
	lengths := map[string]bool{
		"Duration": true, "Nanosecond": true, "Microsecond": true, "Millisecond": true, "Second": true, "Minute": true, "Hour": true,
	}
	fset, files := sources(t)
	for _, f := range files {
		for _, imp := range f.Imports {
			require.True(t, allowed[strings.Trim(imp.Path.Value, `"`)], "%v imports %s", fset.Position(imp.Pos()), imp.Path.Value)
			require.Nil(t, imp.Name, "%v: under another name", fset.Position(imp.Pos()))
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok {
					switch x.Name {
					case "time":
						require.True(t, lengths[n.Sel.Name], "%v: time.%s", fset.Position(n.Pos()), n.Sel.Name)
					case "fmt":
						require.NotRegexp(t, `^(Print|Scan|Fprintln|Fscan)`, n.Sel.Name, "%v", fset.Position(n.Pos()))
					}
				}
			case *ast.GoStmt, *ast.SelectStmt, *ast.ChanType:
				require.Fail(t, "concurrency", "%v", fset.Position(n.Pos()))
			}
			return true
		})
	}
}

// Files stay readable: under 400 lines each, tests too.
func TestFileSizes(t *testing.T) {
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, n := range names {
		data, err := os.ReadFile(n)
		require.NoError(t, err)
		require.Less(t, strings.Count(string(data), "\n"), 400, n)
	}
}

// What crosses the edge of the machine, and what it keeps, are values: they can
// be copied, compared and stored in bulk, and a garbage collector never looks
// into them.
func TestNoPointers(t *testing.T) {
	for _, v := range []any{TCB{}, Event{}, Action{}, Segment{}, Options{}} {
		walkType(t, reflect.TypeOf(v), reflect.TypeOf(v).Name())
	}
}

func walkType(t *testing.T, typ reflect.Type, path string) {
	t.Helper()
	switch typ.Kind() {
	case reflect.Struct:
		for i := range typ.NumField() {
			f := typ.Field(i)
			walkType(t, f.Type, path+"."+f.Name)
		}
	case reflect.Array:
		walkType(t, typ.Elem(), path+"[]")
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
	default:
		require.Fail(t, "not a plain value", "%s is a %v", path, typ)
	}
	require.True(t, typ.Comparable(), path)
}

// A simulation keeps a TCB for every connection, so its size is a figure of the
// machine: who makes it larger should know it. What nearly every step reads lies in
// the first cache line.
func TestTCBSize(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) == 8 { // elsewhere there is less between the fields
		require.Equal(t, uintptr(232), unsafe.Sizeof(TCB{}))
	}
	require.Less(t, unsafe.Offsetof(TCB{}.retries), uintptr(64))
}
