package fsm

import "testing"

// A segment arrives in CLOSED, LISTEN or SYN-SENT (RFC 9293
// 3.10.7.1 to 3.10.7.3), step by step.
func TestCellsUnsynchronizedSteps(t *testing.T) {
	bare := Segment{Seq: 5, Flags: FIN}
	synFinText := Segment{Seq: 5, Len: 10, Flags: SYN | FIN}

	runCells(t, []State{Closed}, []string{"1 RST", "2 ACK", "3 no ACK"}, []cell{
		at(Closed, "1 RST", arrives(rst(5))),
		at(Closed, "1 RST, with ACK", arrives(rstAck(5, 7))),
		at(Closed, "2 ACK", arrives(ack(5, 7)), sends(rst(7))),
		at(Closed, "2 ACK, with all", arrives(textFin(5, 10, 7)), sends(rst(7))),
		at(Closed, "3 no ACK", arrives(bare), sends(rstAck(0, 6))),
		at(Closed, "3 no ACK, SYN with text and FIN", arrives(synFinText), sends(rstAck(0, 17))),
	})
	runCells(t, []State{Listen}, []string{"1 RST", "2 ACK", "3 SYN", "3a backlog full", "4 none of these"}, []cell{
		at(Listen, "1 RST", arrives(rst(5))),
		at(Listen, "1 RST, with ACK", arrives(rstAck(5, 7))),
		at(Listen, "2 ACK", arrives(ack(5, 7)), sends(rst(7))),
		at(Listen, "2 ACK, on a SYN", arrives(synAck(5, 7)), sends(rst(7))),
		at(Listen, "3 SYN", arrives(syn(5)), sends(synAck(0, 6)), enters(SynReceived)),
		at(Listen, "3 SYN, with text and FIN", arrives(synFinText), sends(synAck(0, 6)), enters(SynReceived)),
		never(Listen, "3a backlog full", "a backlog belongs to a socket: the machine is not asked"),
		at(Listen, "4 none of these", arrives(bare)),
		at(Listen, "4 none of these, text", arrives(Segment{Seq: 5, Len: 10})),
	})
	runCells(t, []State{SynSent}, []string{
		"1 ACK unacceptable", "2 RST, ACK acceptable", "2a RST, no ACK", "4 SYN, ACK acceptable", "4a SYN, no ACK",
		"5 neither SYN nor RST",
	}, []cell{
		at(SynSent, "1 ACK unacceptable, ISS", arrives(ack(5, 0)), sends(rst(0))),
		at(SynSent, "1 ACK unacceptable, beyond SND.NXT", arrives(synAck(5, 2)), sends(rst(2))),
		at(SynSent, "1 ACK unacceptable, on a RST", arrives(rstAck(5, 2))),
		at(SynSent, "2 RST, ACK acceptable", arrives(rstAck(5, 1)), enters(Closed), says(wRefused)),
		at(SynSent, "2a RST, no ACK", arrives(rst(5))),
		at(SynSent, "4 SYN, ACK acceptable", arrives(synAck(0, 1)), sends(ack(1, 1)), enters(Established)),
		at(SynSent, "4 SYN, ACK acceptable, with text", arrives(carrying(synAck(0, 1), 10)),
			sends(ack(1, 11)), enters(Established), delivers(10)),
		at(SynSent, "4 SYN, ACK acceptable, with FIN", arrives(flagged(synAck(0, 1), FIN)),
			sends(ack(1, 2)), enters(Established, CloseWait), says(wClosing)),
		at(SynSent, "4a SYN, no ACK", arrives(syn(0)), sends(synAck(0, 1)), enters(SynReceived)),
		at(SynSent, "4a SYN, no ACK, with text and FIN", arrives(Segment{Len: 10, Flags: SYN | FIN}),
			sends(synAck(0, 1)), enters(SynReceived)),
		at(SynSent, "5 neither SYN nor RST", arrives(ack(5, 1))),
		at(SynSent, "5 neither SYN nor RST, no ACK", arrives(bare)),
	})
}

// The same by segments: every kind of segment in each of the three
// states.
func TestCellsUnsynchronizedSegments(t *testing.T) {
	runCells(t, []State{Closed, Listen, SynSent}, []string{"S", "S.", "SF", ".", "P.", "P", "F.", "F", "R", "R.", "U.", "-"}, []cell{
		at(Closed, "S", arrives(syn(0)), sends(rstAck(0, 1))),
		at(Closed, "S.", arrives(synAck(0, 1)), sends(rst(1))),
		at(Closed, "SF", arrives(flagged(syn(0), FIN)), sends(rstAck(0, 2))),
		at(Closed, ".", arrives(ack(1, 1)), sends(rst(1))),
		at(Closed, "P.", arrives(text(1, 10, 1)), sends(rst(1))),
		at(Closed, "P", arrives(Segment{Seq: 1, Len: 10, Flags: PSH}), sends(rstAck(0, 11))),
		at(Closed, "F.", arrives(fin(1, 1)), sends(rst(1))),
		at(Closed, "F", arrives(Segment{Seq: 1, Flags: FIN}), sends(rstAck(0, 2))),
		at(Closed, "R", arrives(rst(1))),
		at(Closed, "R.", arrives(rstAck(1, 1))),
		at(Closed, "U.", arrives(urgent(ack(1, 1), 5)), sends(rst(1))),
		at(Closed, "-", arrives(Segment{Seq: 1}), sends(rstAck(0, 1))),

		at(Listen, "S", arrives(syn(0)), sends(synAck(0, 1)), enters(SynReceived)),
		at(Listen, "S.", arrives(synAck(0, 1)), sends(rst(1))),
		at(Listen, "SF", arrives(flagged(syn(0), FIN)), sends(synAck(0, 1)), enters(SynReceived)),
		at(Listen, ".", arrives(ack(1, 1)), sends(rst(1))),
		at(Listen, "P.", arrives(text(1, 10, 1)), sends(rst(1))),
		at(Listen, "P", arrives(Segment{Seq: 1, Len: 10, Flags: PSH})),
		at(Listen, "F.", arrives(fin(1, 1)), sends(rst(1))),
		at(Listen, "F", arrives(Segment{Seq: 1, Flags: FIN})),
		at(Listen, "R", arrives(rst(1))),
		at(Listen, "R.", arrives(rstAck(1, 1))),
		at(Listen, "U.", arrives(urgent(ack(1, 1), 5)), sends(rst(1))),
		at(Listen, "-", arrives(Segment{Seq: 1})),

		at(SynSent, "S", arrives(syn(0)), sends(synAck(0, 1)), enters(SynReceived)),
		at(SynSent, "S.", arrives(synAck(0, 1)), sends(ack(1, 1)), enters(Established)),
		at(SynSent, "S., of another SYN", arrives(synAck(0, 91)), sends(rst(91))),
		at(SynSent, "SF", arrives(flagged(syn(0), FIN)), sends(synAck(0, 1)), enters(SynReceived)),
		at(SynSent, ".", arrives(ack(1, 1))),
		at(SynSent, "., of another SYN", arrives(ack(1, 91)), sends(rst(91))),
		at(SynSent, "P.", arrives(text(1, 10, 1))),
		at(SynSent, "P", arrives(Segment{Seq: 1, Len: 10, Flags: PSH})),
		at(SynSent, "F.", arrives(fin(1, 1))),
		at(SynSent, "F", arrives(Segment{Seq: 1, Flags: FIN})),
		at(SynSent, "R", arrives(rst(1))),
		at(SynSent, "R.", arrives(rstAck(0, 1)), enters(Closed), says(wRefused)),
		at(SynSent, "R., of another SYN", arrives(rstAck(0, 91))),
		at(SynSent, "U.", arrives(urgent(ack(1, 1), 5))),
		at(SynSent, "-", arrives(Segment{Seq: 1})),
	})
}
