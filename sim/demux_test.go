package sim

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// The table of connections gives what a map would, whatever is put in and taken
// out: tuples are few, so that they meet in their slots.
func TestDemux(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		var d demux
		model := map[tuple]int32{}
		ends := rapid.Custom(func(t *rapid.T) Endpoint {
			return Endpoint{AddrID(rapid.IntRange(0, 3).Draw(t, "address")), uint16(rapid.IntRange(0, 7).Draw(t, "port"))}
		})
		for k := range int32(rapid.IntRange(1, 300).Draw(t, "steps")) {
			key := tuple{ends.Draw(t, "local"), ends.Draw(t, "remote")}
			switch rapid.IntRange(0, 4).Draw(t, "op") {
			case 0, 1, 2:
				d.put(key, k)
				model[key] = k
			case 3:
				d.remove(key)
				delete(model, key)
			}
			require.Equal(t, len(model), d.used)
			want, ok := model[key]
			if !ok {
				want = none
			}
			require.Equal(t, want, d.get(key))
		}
		for key, want := range model {
			require.Equal(t, want, d.get(key))
		}
		for key := range model {
			d.remove(key)
			require.Equal(t, none, d.get(key))
		}
		require.Zero(t, d.used)
	})
}

// Keys of tuples are as different as the tuples.
func TestTupleKey(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		end := rapid.Custom(func(t *rapid.T) Endpoint {
			return Endpoint{AddrID(rapid.Uint16().Draw(t, "address")), rapid.Uint16().Draw(t, "port")}
		})
		a, b := tuple{end.Draw(t, "a"), end.Draw(t, "b")}, tuple{end.Draw(t, "c"), end.Draw(t, "d")}
		require.Equal(t, a == b, a.key() == b.key())
	})
}

// A slab gives numbers that are not in use, and values that stay where they are.
func TestSlab(t *testing.T) {
	checks(t)
	rapid.Check(t, func(t *rapid.T) {
		var s slab[int]
		model := map[int32]*int{}
		var order []int32
		for k := range rapid.IntRange(1, 400).Draw(t, "steps") {
			if len(order) > 0 && rapid.IntRange(0, 2).Draw(t, "op") == 0 {
				i := rapid.IntRange(0, len(order)-1).Draw(t, "which")
				s.give(order[i])
				delete(model, order[i])
				order = append(order[:i], order[i+1:]...)
				continue
			}
			i, v := s.take()
			require.NotContains(t, model, i)
			*v = k
			model[i] = v
			order = append(order, i)
		}
		for i, v := range model {
			require.Same(t, v, s.at(i))
		}
		require.Len(t, inUse(&s), len(model))
		require.LessOrEqual(t, int(s.count), 400)
	})
}

// Addresses have numbers from 1; the wildcard of either family is 0.
func TestAddresses(t *testing.T) {
	n := New(Config{})
	h := n.AddHost("h", RFC9293(), clientAddr, clientAddr6)
	require.Equal(t, []AddrID{1, 2}, h.Addrs())
	for _, a := range []netip.Addr{{}, netip.IPv4Unspecified(), netip.IPv6Unspecified()} {
		require.Zero(t, n.AddrID(a))
	}
	require.Equal(t, AddrID(1), n.AddrID(clientAddr))
	other := n.AddrID(nobody)
	require.Equal(t, AddrID(3), other)
	require.Equal(t, nobody, n.Addr(other))
	require.Equal(t, "203.0.113.9:80", n.AddrPort(Endpoint{other, 80}).String())
	require.Equal(t, "203.0.113.9:80", n.Name(Endpoint{other, 80}))
	require.Equal(t, "h:80", n.Name(Endpoint{2, 80}))
	require.Equal(t, "*:80", n.Name(Endpoint{0, 80}))
	require.Equal(t, h, n.Host(h.ID()))
	require.Equal(t, []*Host{h}, n.Hosts())
}
