package script

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The canonical text has one event a line, in columns.
func TestFormat(t *testing.T) {
	const ugly = `


/* The client closes
     first. */
--hosts=client,server   // two
--delay = 10ms --seed=1


` + "`../common/defaults.sh`" + `
client ` + "`sysctl -q x=1`" + `
@linux +0.000 server   socket(...,SOCK_STREAM , IPPROTO_TCP)=3
+0...0.020 client/worker connect( 3, {server:80}, ... ) = 0
*   client >   .  1:1(0)   ack 1// any time
+ .50 client:40001 > server:80 F. 1:1(0) ack 1
+0 link delay client > F +.50
+0 %{
assert tcpi_state == 1
}%
// Alone.
+0.10 > S. 0:0(0)
    ack 1 <mss 1460, nop, wscale 7>
+0 shutdown(3, /* both */ SHUT_RDWR) = -1 ENOTCONN ( ... )

#ifdef FreeBSD
1.50 close(3)=0

#endif // FreeBSD
` + "`sysctl_restore`" + `

`
	const pretty = `/* The client closes
     first. */
--hosts=client,server  // two
--delay=10ms
--seed=1

` + "`../common/defaults.sh`" + `
client ` + "`sysctl -q x=1`" + `
@linux +0        server        socket(..., SOCK_STREAM, IPPROTO_TCP) = 3
       +0...0.02 client/worker connect(3, {server:80}, ...) = 0
       *         client        > . 1:1(0) ack 1  // any time
       +.5       client:40001 > server:80 F. 1:1(0) ack 1
       +0        link delay client > F +.5
       +0        %{
assert tcpi_state == 1
}%
// Alone.
+.1 > S. 0:0(0) ack 1 <mss 1460,nop,wscale 7>
/* both */
+0 shutdown(3, SHUT_RDWR) = -1 ENOTCONN (...)

#ifdef FreeBSD
1.5 close(3) = 0
// FreeBSD
#endif
` + "`sysctl_restore`" + `
`
	got, err := Format("test.pkt", []byte(ugly))
	require.NoError(t, err)
	require.Equal(t, pretty, string(got))
	wantRoundTrip(t, "test.pkt", []byte(ugly))
}

// Format passes on the error of a script that cannot be read.
func TestFormatError(t *testing.T) {
	_, err := Format("test.pkt", []byte("+0 > Q 0:0(0)"))
	require.EqualError(t, err, `test.pkt:1:6: unknown flag "Q" in "Q" (want S, F, R, P, U, E, W or .)`)
}

// An event on its own prints as one line, as an error may show it.
func TestEventString(t *testing.T) {
	for _, line := range []string{
		"@linux,windows +0 client/worker close(3) = 0  // why",
		"+.1~+.2 > . 1:1(0) ack 1",
		"client `true`",
		"%{ assert x }%",
	} {
		require.Equal(t, line, event(t, line).String())
	}
}
