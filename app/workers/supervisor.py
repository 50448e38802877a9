"""The supervisor: starts workers, starts others in the place of those that die, and stops them all.

The workers accept from one listening socket, which is the supervisor's: what one of them leaves in its
queue another one takes. The supervisor answers no requests but those on the port of operations. It asks
the workers for what they measured and adds it up, with what those measured that have ended (decision 029).
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from contextlib import suppress

from structlog.typing import FilteringBoundLogger

from app.clock import SystemClock
from app.gateway.drift import DriftReport, together
from app.main import unsound
from app.observe.logs import make_log, tame_others
from app.observe.metrics import Measured, lasting, merged
from app.operations import OperationsServer
from app.settings import Settings, SettingsFault
from app.workers.process import Worker

# Seconds before a worker that died is replaced: twice as many each time, until one has lived a while.
SHORTEST, LONGEST = 0.5, 30.0
CALM = 60.0
# Seconds between looks at a worker, and without an answer after which it is stuck.
LOOK_EVERY = 5.0
STUCK = 30.0

NEVER_SERVED = "A worker ended before it served; above it says why."
NEED_REDIS = (
    "several share sessions, tokens and what is kept through Redis: set BFF_REDIS__URL, or run one."
)
NEED_PLATFORM = (
    "the embedded sandbox is for one process: set BFF_UPSTREAM__BASE_URL, for example to what "
    "`bff sandbox` prints, or run one."
)


class Supervisor:
    """`count` workers on `listening`; `port` is the one that it listens on. One that answers nothing for
    `stuck` seconds is replaced."""

    def __init__(
        self,
        count: int,
        listening: socket.socket,
        port: int,
        log: FilteringBoundLogger,
        stuck: float = STUCK,
    ) -> None:
        self._stuck = stuck
        self._count = count
        self._listening = listening
        self._port = port
        self._log = log
        self._workers: dict[int, Worker] = {}
        # What workers that have ended measured and saw.
        self._ended: Measured = {}
        self._drifted = DriftReport(time.time(), 0, [])
        self._restarts = 0
        self._stopping = asyncio.Event()
        self._failed = False

    async def run(self, operations: socket.socket | None) -> int:
        """Until a signal comes, and then until all workers have ended; gives the exit code."""
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, self._stop)
        server = OperationsServer(self, operations) if operations else None
        if server is not None:
            await server.start()
        await self._keep_all()
        if server is not None:
            await server.stop()
        return int(self._failed)

    # --- what the port of operations tells --------------------------------------------------------

    async def state(self) -> str:
        """Ready when every worker is."""
        reports = await asyncio.gather(*(one.report() for one in self._workers.values()))
        states = {report.state if report else "starting" for report in reports}
        if self._stopping.is_set() or "draining" in states:
            return "draining"
        return "ok" if states == {"ok"} and len(reports) == self._count else "starting"

    async def measured(self) -> Measured:
        """A worker that does not answer counts with what it told last."""
        state = await self.state()
        told = [
            one.told.measured if one.answers else lasting(one.told.measured)
            for one in self._workers.values()
            if one.told is not None
        ]
        own: Measured = {
            "ready": {(): (state == "ok",)},
            "draining": {(): (state == "draining",)},
            "worker_restarts": {(): (self._restarts,)},
            # Also where none of them answers.
            "workers": {(): (0,)},
        }
        return merged([self._ended, *told, own])

    async def drift(self) -> DriftReport:
        """What its workers told last: they are asked every few seconds."""
        told = [one.told.drift for one in self._workers.values() if one.told is not None]
        return together([self._drifted, *told])

    # --- the workers ------------------------------------------------------------------------------

    async def _keep_all(self) -> None:
        """The first one alone: whatever keeps it from serving keeps all of them, and is told once."""
        first = await self._start(0)
        if not await first.served() and not self._stopping.is_set():
            await first.ended()
            raise SettingsFault([NEVER_SERVED])
        async with asyncio.TaskGroup() as keeping:
            keeping.create_task(self._keep(0, first))
            for place in range(1, self._count):
                keeping.create_task(self._keep(place, None))

    async def _keep(self, place: int, worker: Worker | None) -> None:
        """A worker in this place, until all are to stop."""
        loop, pause = asyncio.get_running_loop(), SHORTEST
        while worker is not None or not self._stopping.is_set():
            worker, began = worker or await self._start(place), loop.time()
            watching = asyncio.create_task(worker.kill_when_stuck(self._stuck, LOOK_EVERY))
            code = await worker.ended()
            watching.cancel()
            self._bury(place, worker, code)
            worker = None
            if loop.time() - began >= CALM:
                pause = SHORTEST
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()
            pause = min(2 * pause, LONGEST)

    async def _start(self, place: int) -> Worker:
        worker = self._workers[place] = await Worker.start(self._listening, self._port)
        if self._stopping.is_set():
            worker.stop()
        return worker

    def _bury(self, place: int, worker: Worker, code: int) -> None:
        """What it counted stays counted."""
        del self._workers[place]
        if worker.told is not None:
            self._ended = merged([self._ended, lasting(worker.told.measured)])
            self._drifted = together([self._drifted, worker.told.drift])
        if not self._stopping.is_set():
            self._restarts += 1
            self._log.error("a worker died", status=code, event_kind="alert")
        # One that was told to stop before it could listen to signals has nothing to finish.
        elif code and not (worker.told is None and code == -signal.SIGTERM):
            self._failed = True
            self._log.error("a worker did not end in good order", status=code)

    def _stop(self) -> None:
        """Every signal is handed on: a second one skips what is left of the waiting."""
        self._stopping.set()
        for worker in self._workers.values():
            worker.stop()
        # What nobody will accept any more is refused, as soon as the workers have closed theirs.
        self._listening.close()


def check_shareable(settings: Settings) -> None:
    """Raises SettingsFault where several processes would not be one gateway."""
    if not settings.redis.address().current():
        raise SettingsFault([f"--workers: {NEED_REDIS}"])
    if settings.uses_sandbox:
        raise SettingsFault([f"--workers: {NEED_PLATFORM}"])
    if sentences := unsound(settings, SystemClock()):
        raise SettingsFault(sentences)


def serve_by_workers(
    settings: Settings,
    workers: int,
    listening: socket.socket,
    port: int,
    operations: socket.socket | None,
) -> int:
    """Start them, and others in the place of those that die, until a signal comes; the exit code."""
    log = make_log(settings.log, sys.stdout)
    tame_others(log)
    return asyncio.run(Supervisor(workers, listening, port, log).run(operations))
