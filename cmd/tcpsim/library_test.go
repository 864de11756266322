package main

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/tcpsim/tcpsim/scenarios"
	"github.com/tcpsim/tcpsim/sim"
)

// libraryRun is a scenario of the library under one of its profiles.
type libraryRun struct {
	scenarios.Scenario
	profile string
	ipv6    bool
}

func (r libraryRun) String() string {
	if r.ipv6 {
		return r.Name + "@" + r.profile + " over IPv6"
	}
	return r.Name + "@" + r.profile
}

// libraryRuns lists all runs of the library: every scenario under all its
// profiles, over IPv4 and over IPv6.
func libraryRuns(t *testing.T) []libraryRun {
	var list []libraryRun
	for _, s := range scenarios.Library() {
		profiles, err := scenarios.Runs(s.Script, scenarios.Config{})
		require.NoError(t, err)
		for _, p := range profiles {
			list = append(list, libraryRun{s, p, false})
			if !s.OnlyIPv4() {
				list = append(list, libraryRun{s, p, true})
			}
		}
	}
	return list
}

// outputs are what the command makes of a run.
type outputs struct {
	ladder, log  []byte
	pcap, pcapng []byte
	packets      []sim.Packet // as they were captured, at the first host
	disturbed    bool         // one was forged, or the network did something to one
}

// play plays a run as the command does, once for all outputs.
func (r libraryRun) play() (out outputs, err error) {
	var ladder *sim.Ladder
	var log *sim.RunLog
	var taps [2]*tap
	var files [2]bytes.Buffer
	attach := func(n *sim.Network, run scenarios.Run) (err error) {
		ladder, log = sim.NewLadder(n), sim.NewRunLog(n)
		for i, name := range []string{"x.pcap", "x.pcapng"} {
			if taps[i], err = newTap(n, run, &files[i], &runOptions{capture: name}); err != nil {
				return err
			}
		}
		n.Listen(out.note, sim.Sent, sim.Lost, sim.Held, sim.Arrived, sim.Told)
		return nil
	}
	outcome := scenarios.PlayUnder(r.Script, r.profile, scenarios.Config{IPv6: r.ipv6, Attach: attach})
	if outcome.Status != scenarios.Pass {
		return out, fmt.Errorf("%v: %v", r, &outcome)
	}
	for _, w := range taps {
		if err := w.Close(); err != nil {
			return out, fmt.Errorf("%v: %w", r, err)
		}
	}
	var text bytes.Buffer
	err = log.Write(&text, map[string]any{})
	out.ladder, out.log = []byte(ladder.String()), text.Bytes()
	out.pcap, out.pcapng = files[0].Bytes(), files[1].Bytes()
	return out, err
}

// note takes down what a capture at the first host shows.
func (out *outputs) note(r *sim.Record) {
	k := &r.Packet
	switch {
	case r.Kind == sim.Lost, r.Kind == sim.Held:
		out.disturbed = true
	case r.Kind == sim.Told:
		out.disturbed = true
		if r.Host == 0 {
			out.packets = append(out.packets, sim.Packet{From: k.To, To: k.From, Forged: true})
		}
	case r.Host == 0 && (r.Kind == sim.Arrived || k.From.Addr != k.To.Addr):
		out.packets = append(out.packets, *k)
	}
	out.disturbed = out.disturbed || k.Forged || k.Copy
}
