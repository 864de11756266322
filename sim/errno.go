package sim

import "fmt"

// Errno is why a call failed; 0 is success. Its name is POSIX's.
type Errno uint8

// The errors of the socket calls.
const (
	OK Errno = iota
	EACCES
	EADDRINUSE
	EADDRNOTAVAIL
	EAFNOSUPPORT
	EAGAIN
	EALREADY
	EBADF
	ECONNABORTED
	ECONNREFUSED
	ECONNRESET
	EDESTADDRREQ
	EFAULT
	EHOSTUNREACH
	EINPROGRESS
	EINTR
	EINVAL
	EISCONN
	EMFILE
	EMSGSIZE
	ENETUNREACH
	ENOBUFS
	ENOMEM
	ENOPROTOOPT
	ENOTCONN
	ENOTSOCK
	EOPNOTSUPP
	EPIPE
	EPROTONOSUPPORT
	ETIMEDOUT
	ENETRESET
	ESHUTDOWN
	EWOULDBLOCK // the same error as EAGAIN under its other name
)

var errnoNames = [...]string{
	"OK", "EACCES", "EADDRINUSE", "EADDRNOTAVAIL", "EAFNOSUPPORT", "EAGAIN", "EALREADY", "EBADF",
	"ECONNABORTED", "ECONNREFUSED", "ECONNRESET", "EDESTADDRREQ", "EFAULT", "EHOSTUNREACH",
	"EINPROGRESS", "EINTR", "EINVAL", "EISCONN", "EMFILE", "EMSGSIZE", "ENETUNREACH", "ENOBUFS",
	"ENOMEM", "ENOPROTOOPT", "ENOTCONN", "ENOTSOCK", "EOPNOTSUPP", "EPIPE", "EPROTONOSUPPORT",
	"ETIMEDOUT", "ENETRESET", "ESHUTDOWN", "EWOULDBLOCK",
}

func (e Errno) String() string {
	if int(e) < len(errnoNames) {
		return errnoNames[e]
	}
	return fmt.Sprintf("Errno(%d)", uint8(e))
}

// Error makes an Errno an error.
func (e Errno) Error() string { return e.String() }

// Same reports whether two names mean one error: EWOULDBLOCK is EAGAIN.
func (e Errno) Same(o Errno) bool { return e.plain() == o.plain() }

func (e Errno) plain() Errno {
	if e == EWOULDBLOCK {
		return EAGAIN
	}
	return e
}

// ParseErrno reads the name of an error, POSIX's or Winsock's.
func ParseErrno(name string) (Errno, error) {
	for i, n := range errnoNames {
		if n == name {
			return Errno(i), nil
		}
	}
	for i := range errnoNames { // in order: no name depends on how a map turns out
		if w, ok := winsockNames[Errno(i)]; ok && w.name == name {
			return Errno(i), nil
		}
	}
	return OK, fmt.Errorf("unknown errno %q", name)
}
