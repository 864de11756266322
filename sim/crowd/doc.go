// Package crowd plays a service over simulated hours: clients that come by the
// thousand, a server that closes its connections, or late, or never, and the
// limits that such a service meets: descriptors, ephemeral ports, the listen
// queue.
//
//	s, ok := crowd.Find("close-wait-leak")
//	r, err := crowd.Run(s)
//	err = r.Text(os.Stdout)
//
// A [Spec] says what is played, and [Run] plays it in one network of two hosts,
// the client's and the server's. On each runs one process, driven by what
// happens to its sockets. The [Result] holds a time line, what `ss -s` would say
// at intervals on both hosts, and the failures of calls, each with its cause, in
// the order in which they first came. It is drawn as text, CSV, JSON or SVG.
//
// # A visit
//
// A client connects, sends a request, reads the reply; then the end that is to
// close first closes, and the other closes when its read returns 0, or fails to
// do so. With a pool the client keeps the connection instead, for the next
// client that comes.
//
// # Chance
//
// When clients come, and on which connections a program lapses, is asked of the
// network's chooser, in whole numbers: a seed gives the same result everywhere.
//
// # Limits
//
// All clients share one host and one process, so its ports and its descriptors
// are theirs together. Programs take no time but what [Spec.Serve] gives them,
// and serve as many connections at once as they have. No packet is lost.
package crowd
