"""Things outside the supervisor: dependency servers, port squatter, notification target."""
import os, socket, sys, time

c = sys.argv[1]
if c == "notify":
    with open(sys.argv[2], "a") as f:
        f.write("%d %s\n" % (time.monotonic_ns(), " ".join(sys.argv[3:])))
elif c in ("tcpdep", "squat"):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", int(sys.argv[2])))
    s.listen(64)
    if c == "squat":
        time.sleep(float(sys.argv[3]))
        sys.exit()
    import selectors

    sel = selectors.DefaultSelector()
    sel.register(s, selectors.EVENT_READ)
    end = time.monotonic() + 300
    while time.monotonic() < end:
        for k, _ in sel.select(1):
            if k.fileobj is s:
                x, _a = s.accept()
                sel.register(x, selectors.EVENT_READ)
            else:
                try:
                    b = k.fileobj.recv(4096)
                    if not b:
                        raise OSError
                    k.fileobj.send(b)
                except OSError:
                    sel.unregister(k.fileobj)
                    k.fileobj.close()
