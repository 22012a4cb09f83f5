package procfs

import "golang.org/x/sys/unix"

// legacyWaits are older calls that only this architecture has.
var legacyWaits = map[int]string{unix.SYS_EPOLL_WAIT: "epoll", unix.SYS_POLL: "poll", unix.SYS_SELECT: "select"}
