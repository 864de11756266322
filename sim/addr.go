package sim

import (
	"fmt"
	"net/netip"
)

// AddrID is the number of an address in its network. 0 is the unspecified
// address, the wildcard.
type AddrID uint16

// Endpoint is a socket address: what the RFC calls a socket.
type Endpoint struct {
	Addr AddrID
	Port uint16
}

// tuple names a connection at one host: the local endpoint and the remote one.
type tuple struct{ local, remote Endpoint }

// whole reports whether the remote endpoint is known: the tuple is a connection's,
// and no listener's or idle socket's. Nobody has the unspecified address.
func (t tuple) whole() bool { return t.remote.Addr != 0 }

func (t tuple) key() uint64 {
	return uint64(t.local.Addr)<<48 | uint64(t.local.Port)<<32 | uint64(t.remote.Addr)<<16 | uint64(t.remote.Port)
}

// addrBook numbers the addresses of a network.
type addrBook struct {
	addrs  []netip.Addr
	owner  []HostID // whose address it is, or noHost
	number map[netip.Addr]AddrID
}

func newAddrBook() addrBook {
	return addrBook{addrs: []netip.Addr{{}}, owner: []HostID{noHost}, number: map[netip.Addr]AddrID{}}
}

// id gives the number of an address, a new one if it is new. The unspecified
// addresses are one, whatever their family.
func (b *addrBook) id(a netip.Addr) AddrID {
	if !a.IsValid() || a.IsUnspecified() {
		return 0
	}
	if n, ok := b.number[a]; ok {
		return n
	}
	if len(b.addrs) > 65535 {
		panic("sim: more than 65,535 addresses")
	}
	n := AddrID(len(b.addrs))
	b.addrs = append(b.addrs, a)
	b.owner = append(b.owner, noHost)
	b.number[a] = n
	return n
}

// Addr gives the address of a number.
func (n *Network) Addr(id AddrID) netip.Addr { return n.book.addrs[id] }

// AddrID gives the number of an address in the network.
func (n *Network) AddrID(a netip.Addr) AddrID { return n.book.id(a) }

// AddrPort gives an endpoint in the standard library's form.
func (n *Network) AddrPort(e Endpoint) netip.AddrPort {
	return netip.AddrPortFrom(n.book.addrs[e.Addr], e.Port)
}

// Name writes an endpoint as scripts do: "client:40001", or with the address if
// it belongs to no host, or "*" for the wildcard.
func (n *Network) Name(e Endpoint) string {
	host := "*"
	if e.Addr != 0 {
		host = n.book.addrs[e.Addr].String()
		if o := n.book.owner[e.Addr]; o != noHost {
			host = n.hosts[o].Name
		}
	}
	return fmt.Sprintf("%s:%d", host, e.Port)
}

// demux finds the connection of a tuple in constant time: a hash table with open
// addressing, which needs no allocation for each connection.
type demux struct {
	keys []uint64
	vals []int32 // 0: free, else the connection's number and one
	used int
}

func (d *demux) slot(key uint64) int {
	mask := len(d.keys) - 1
	i := int(mix(key)) & mask
	for d.vals[i] != 0 && d.keys[i] != key {
		i = (i + 1) & mask
	}
	return i
}

// get gives the connection of a tuple, or -1.
func (d *demux) get(t tuple) int32 {
	if d.used == 0 {
		return -1
	}
	return d.vals[d.slot(t.key())] - 1
}

// put enters a connection.
func (d *demux) put(t tuple, conn int32) {
	if 4*(d.used+1) > 3*len(d.keys) {
		d.grow()
	}
	i := d.slot(t.key())
	if d.vals[i] == 0 {
		d.used++
	}
	d.keys[i], d.vals[i] = t.key(), conn+1
}

func (d *demux) grow() {
	old := *d
	size := max(16, 2*len(old.keys))
	d.keys, d.vals = make([]uint64, size), make([]int32, size)
	for i, v := range old.vals {
		if v != 0 {
			j := d.slot(old.keys[i])
			d.keys[j], d.vals[j] = old.keys[i], v
		}
	}
}

// remove takes a tuple out, and moves those behind it that it had pushed on.
func (d *demux) remove(t tuple) {
	if d.used == 0 {
		return
	}
	i := d.slot(t.key())
	if d.vals[i] == 0 {
		return
	}
	d.used--
	mask := len(d.keys) - 1
	for j := i; ; {
		d.vals[i] = 0
		for {
			j = (j + 1) & mask
			if d.vals[j] == 0 {
				return
			}
			if home := int(mix(d.keys[j])) & mask; (j-home)&mask >= (j-i)&mask {
				break
			}
		}
		d.keys[i], d.vals[i] = d.keys[j], d.vals[j]
		i = j
	}
}
