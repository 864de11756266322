package script

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// parse reads a script that must be good.
func parse(t *testing.T, text string) *Script {
	t.Helper()
	s, err := Parse("test.pkt", []byte(text))
	require.NoError(t, err)
	return s
}

// wantRoundTrip claims that printing loses nothing but positions, and that
// what is printed is printed the same again.
func wantRoundTrip(t *testing.T, name string, text []byte) {
	t.Helper()
	first, err := Parse(name, text)
	require.NoError(t, err)
	canonical := first.String()
	again, err := Parse(name, []byte(canonical))
	require.NoError(t, err, canonical)
	require.Equal(t, canonical, again.String())
	require.Equal(t, placeless(first), placeless(again), canonical)
}

// placeless gives a copy of a tree without positions.
func placeless[T any](tree T) T {
	return without(reflect.ValueOf(&tree).Elem()).Interface().(T)
}

func without(v reflect.Value) reflect.Value {
	c := reflect.New(v.Type()).Elem()
	c.Set(v)
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			break
		}
		elem := without(v.Elem())
		if v.Kind() == reflect.Interface {
			c.Set(elem)
			break
		}
		c.Set(reflect.New(elem.Type()))
		c.Elem().Set(elem)
	case reflect.Slice:
		if v.IsNil() {
			break
		}
		c.Set(reflect.MakeSlice(v.Type(), v.Len(), v.Len()))
		for i := range v.Len() {
			c.Index(i).Set(without(v.Index(i)))
		}
	case reflect.Array:
		for i := range v.Len() {
			c.Index(i).Set(without(v.Index(i)))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[Pos]() {
			return reflect.Zero(v.Type())
		}
		for i := range v.NumField() {
			c.Field(i).Set(without(v.Field(i)))
		}
	default:
	}
	return c
}
