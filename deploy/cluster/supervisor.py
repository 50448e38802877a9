"""The processes of a cluster, each started again when it ends unasked."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from asyncio.subprocess import STDOUT, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.cluster.plan import HERE, Program

# Whoever ends soon after his start waits before the next one, each time twice as long (seconds).
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
LONG_ENOUGH = 10.0
# How often a port is looked at while nobody answers there (seconds).
LOOK_EVERY = 0.05
# Seconds that everybody has to end in order: a gateway finishes what it began (docs/draining.md).
GRACE = 50.0


class Supervised:
    """One program. Its number stands in `folder`/NAME.pid, what it said in `folder`/NAME.log."""

    def __init__(self, program: Program, folder: Path, tell: Callable[[str], None]) -> None:
        self.program = program
        self._folder = folder
        self._tell = tell
        self._process: Process | None = None
        self._stopping = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Returns when its port answers."""
        self._keeping = asyncio.create_task(self._keep())
        while not await answers(self.program.port):
            if self._keeping.done():
                self._keeping.result()
            await asyncio.sleep(LOOK_EVERY)

    async def stop(self) -> None:
        """By SIGTERM, and when that is not enough by SIGKILL."""
        self._stopping.set()
        if self._keeping is None:
            return
        self._terminate()
        await asyncio.wait([self._keeping], timeout=GRACE)
        if self._process is not None:
            self._end_group(self._process)
        await self._keeping
        self._pid_file.unlink(missing_ok=True)

    async def _keep(self) -> None:
        loop = asyncio.get_running_loop()
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            began = loop.time()
            process = self._process = await self._begin()
            if self._stopping.is_set():
                self._terminate()
            code = await process.wait()
            # nginx's workers outlive a master that was killed, and hold its port.
            self._end_group(process)
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE if loop.time() - began > LONG_ENOUGH else pause
            self._tell(f"{self.program.name} ended ({code}) and is started again.")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _terminate(self) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()

    async def _begin(self) -> Process:
        bare = {name: value for name, value in os.environ.items() if not name.startswith("BFF_")}
        with (self._folder / f"{self.program.name}.log").open("ab") as said:
            process = await asyncio.create_subprocess_exec(
                *self.program.command,
                cwd=self._folder,
                env={**bare, **self.program.settings},
                stdout=said,
                stderr=STDOUT,
                # Ctrl-C is for the supervisor, who ends everybody in order.
                start_new_session=True,
            )
        self._pid_file.write_text(f"{process.pid}\n", "ascii")
        return process

    @property
    def _pid_file(self) -> Path:
        return self._folder / f"{self.program.name}.pid"

    def _end_group(self, process: Process) -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


class Supervisor:
    """All of them, started one after the other and stopped the other way round."""

    def __init__(
        self, programs: Sequence[Program], folder: Path, tell: Callable[[str], None]
    ) -> None:
        self._supervised = [Supervised(program, folder, tell) for program in programs]

    async def start(self) -> None:
        """Those of one kind at the same time; returns when all of them answer."""
        for kind in _kinds(self._supervised):
            await asyncio.gather(*(one.start() for one in kind))

    async def stop(self) -> None:
        for kind in reversed(_kinds(self._supervised)):
            await asyncio.gather(*(one.stop() for one in kind))


def _kinds(supervised: Sequence[Supervised]) -> list[list[Supervised]]:
    """In the order of the plan: gateway-1 and gateway-2 are of one kind."""
    kinds: dict[str, list[Supervised]] = {}
    for one in supervised:
        kinds.setdefault(one.program.name.partition("-")[0], []).append(one)
    return list(kinds.values())


def taken(programs: Sequence[Program]) -> list[Program]:
    """Whose port somebody else has."""
    return [program for program in programs if not _free(program.port)]


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except OSError:
            return False
    return True


async def answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(HERE, port)
    except OSError:
        return False
    writer.close()
    return True
