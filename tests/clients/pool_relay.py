#!/usr/bin/env python3
"""Stands between a service and a pool's process, so that a test can part them while both live.

    pool_relay.py LIST COMMAND...

Standard input is the socket to the service. COMMAND gets another one; what comes on either goes to the other. The process
ids of the relay and of COMMAND are appended to LIST. After SIGUSR1 the service's socket is shut and nothing is passed on any
more, but COMMAND keeps its socket and lives on, until the relay is killed.
"""

import os
import select
import signal
import socket
import subprocess
import sys

LIST, COMMAND = sys.argv[1], sys.argv[2:]
# The service kills its child; what must outlive that is a grandchild.
if os.fork():
    os.wait()
    sys.exit()
os.setsid()

service = socket.socket(fileno=os.dup(0))
ours, theirs = socket.socketpair()
pool = subprocess.Popen(COMMAND, stdin=theirs)
theirs.close()
cut, told = os.pipe()
signal.signal(signal.SIGUSR1, lambda *_: os.write(told, b"!"))
with open(LIST, "a") as out:
    print(os.getpid(), pool.pid, file=out)

other = {service: ours, ours: service}
while True:
    ready, _, _ = select.select([service, ours, cut], [], [])
    if cut in ready:
        service.shutdown(socket.SHUT_RDWR)
        pool.wait()
        break
    parted = False
    for end in ready:
        data = end.recv(65536)
        if not data:
            parted = True
            break
        other[end].sendall(data)
    if parted:
        service.shutdown(socket.SHUT_RDWR)
        ours.close()
        pool.wait()
        break
