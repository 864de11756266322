package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tcpsim/tcpsim/fsm"
	"github.com/tcpsim/tcpsim/sim"
)

// remark is what Wireshark's analysis says of a packet, a field under
// tcp.analysis.flags. Where nothing was forged, lost, delayed or repeated, it
// may only name what the packet is meant to be.
type remark struct {
	field string
	means string // why it is no fault
	fits  func(k *sim.Packet, rule string) bool
}

var remarks = []remark{
	{"window_full", "the text ends where the window does, or a probe goes beyond", func(k *sim.Packet, _ string) bool {
		return k.Seg.Len > 0
	}},
	{"zero_window", "the receiver has no room", func(k *sim.Packet, _ string) bool { return k.Seg.Wnd == 0 }},
	{"window_update", "the receiver has room again", func(k *sim.Packet, _ string) bool {
		return k.Seg.Flags == fsm.ACK && k.Seg.Len == 0 && k.Seg.Wnd > 0
	}},
	{"zero_window_probe", "RFC 9293 3.8.6.1", func(_ *sim.Packet, rule string) bool { return rule == "zero-window-probe" }},
	{"zero_window_probe_ack", "its answer", func(_ *sim.Packet, rule string) bool { return rule == "seq-zero-window" }},
	{"keep_alive", "RFC 9293 3.8.4, or Linux's probe of a closed window, which looks the same", func(k *sim.Packet, rule string) bool {
		return rule == "keepalive-probe" || rule == "zero-window-probe" && k.Seg.Len == 0
	}},
	{"keep_alive_ack", "its answer", func(_ *sim.Packet, rule string) bool {
		return strings.HasPrefix(rule, "seq-unacceptable") || rule == "seq-left-of-window"
	}},
	{"reused_ports", "another connection between the same ports", func(k *sim.Packet, _ string) bool {
		return k.Seg.Flags&fsm.SYN != 0
	}},
	{
		"retransmission",
		"the peer's host dropped the first, as its listen queue was full, or answered for an old connection; " +
			"the SYN,ACK of a simultaneous open has the number of the SYN; a FIN that probed a closed window is sent again; " +
			"FreeBSD answers a FIN that crosses with its own again",
		func(k *sim.Packet, rule string) bool {
			return strings.HasPrefix(rule, "retransmit-") || rule == "synsent-syn" || rule == "finwait1-fin-again" ||
				k.Seg.Flags&fsm.FIN != 0 && (rule == "zero-window-probe" || rule == "window-update")
		},
	},
	{"duplicate_ack", "in a simultaneous open both SYN,ACKs are old to the peer and answered, and FreeBSD's second FINs", func(_ *sim.Packet, rule string) bool {
		return rule == "syn-challenged" || rule == "seq-unacceptable" || rule == "ack-new"
	}},
	{"lost_segment", "an ACK has the number behind a probe, which Wireshark does not count", func(_ *sim.Packet, rule string) bool {
		return rule == "seq-zero-window"
	}},
	{"ack_lost_segment", "", never},
	{"out_of_order", "", never},
	{"fast_retransmission", "", never},
	{"spurious_retransmission", "", never},
}

func never(*sim.Packet, string) bool { return false }

// afterReuse are remarks about packets of a connection whose ports were used
// before: Wireshark takes the old connection's answer to the new SYN for one of
// the new connection, and counts from its number.
var afterReuse = map[string]bool{"lost_segment": true, "ack_lost_segment": true, "retransmission": true}

// wantUnremarked claims that the analysis of a run in which no packet was forged,
// lost, delayed or repeated finds nothing but what is meant.
func (b *batch) wantUnremarked(t *testing.T) {
	fields := []string{"frame.number", "tcp.flags.str"}
	for _, r := range remarks {
		fields = append(fields, "tcp.analysis."+r.field)
	}
	undisturbed := 0
	for _, k := range b.runs {
		if !k.disturbed {
			undisturbed++
		}
	}
	t.Logf("%d runs of %d are undisturbed", undisturbed, len(b.runs))
	var reused *batched
	for _, l := range tshark(t, b.write(t), "tcp.analysis.flags", fields...) {
		k, n := b.runOf(t, l[0])
		if k.disturbed {
			continue
		}
		said := 0
		for i, r := range remarks {
			if l[i+2] == "" {
				continue
			}
			said++
			if r.field == "reused_ports" {
				reused = k
			}
			p := &k.packets[n-1]
			if r.fits(p, p.Rule.String()) || reused == k && afterReuse[r.field] {
				continue
			}
			t.Errorf("%v: packet %d, %s by %v: Wireshark remarks %s", k, n, l[1], p.Rule, r)
		}
		if said == 0 {
			t.Errorf("%v: packet %d, %s: a remark that has no line here", k, n, l[1])
		}
	}
}

func (r remark) String() string {
	if r.means == "" {
		return r.field
	}
	return fmt.Sprintf("%s (which would be right if %s)", r.field, r.means)
}
