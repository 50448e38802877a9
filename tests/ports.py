"""Ports for programs that have to be told theirs before they listen.

They are below those that the system hands out by itself (32768 and up on Linux): between the choice
and the program that listens, or while a program is restarted, no outgoing connection takes one. Each
worker of a run has a range of its own, in which it goes round.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

LOWEST, PER_WORKER, WORKERS = 12_000, 2_000, 10
# From one port that is tried to the next.
STEP = 2


def free_port(span: int = STEP) -> int:
    """A port that is free, and so are those that follow, `span` in all: the next one is the embedded
    sandbox's, and a cluster takes more."""
    found = next(port for port in _ROUND if all(_free(port + more) for more in range(span)))
    for _ in range(STEP, span, STEP):
        next(_ROUND)
    return found


def _around() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    # Runs at the same time begin at different places.
    step = os.getpid() * STEP
    while True:
        yield LOWEST + worker * PER_WORKER + step % PER_WORKER
        step += STEP


def _free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do it: what an earlier one left to be timed out is no reason against it.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


_ROUND = _around()
