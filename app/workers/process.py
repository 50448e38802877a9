"""A worker as the supervisor sees it: a process, and what it told last."""

from __future__ import annotations

import asyncio
import signal
import socket
from contextlib import suppress

from app.workers.wire import Asking, Report
from app.workers.worker import command_of

# Seconds for a report: a worker that takes longer is too busy to be sent more.
PATIENCE = 1.0


class Worker:
    """`told` is its last report, None until it serves."""

    def __init__(self, process: asyncio.subprocess.Process, asking: Asking) -> None:
        self._process = process
        self._asking = asking
        self._question: asyncio.Task[Report | None] | None = None
        self.told: Report | None = None

    @classmethod
    async def start(cls, listening: socket.socket, port: int) -> Worker:
        ours, its = socket.socketpair()
        with its:
            process = await asyncio.create_subprocess_exec(
                *command_of(listening.fileno(), its.fileno(), port),
                pass_fds=(listening.fileno(), its.fileno()),
                # Ctrl-C is the supervisor's: a second signal would cut the waiting short.
                start_new_session=True,
            )
        return cls(process, await Asking.over(ours))

    @property
    def answers(self) -> bool:
        """Whether it has answered what it was asked last."""
        return self._question is not None and self._question.done() and self.told is not None

    async def report(self) -> Report | None:
        """What it tells now, None where it does not answer in time."""
        question = self._asked()
        await asyncio.wait({question}, timeout=PATIENCE)
        return question.result() if question.done() else None

    async def served(self) -> bool:
        """Whether it came as far as to serve; waits for that, or for its end."""
        return await asyncio.shield(self._asked()) is not None

    async def ended(self) -> int:
        """Its exit code, when it has one."""
        code = await self._process.wait()
        self._asking.close()
        return code

    def stop(self) -> None:
        """Have it end in good order."""
        self._signal(signal.SIGTERM)

    async def kill_when_stuck(self, patience: float, every: float) -> None:
        """End it where its loop, once it has served, answers nothing for so many seconds."""
        now = asyncio.get_running_loop().time
        heard = now()
        while True:
            await asyncio.sleep(every)
            if await self.report() is not None or self.told is None:
                heard = now()
            elif now() - heard >= patience:
                self._signal(signal.SIGKILL)
                return

    def _signal(self, one: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self._process.send_signal(one)

    def _asked(self) -> asyncio.Task[Report | None]:
        """One question at a time: who asks meanwhile waits for the same answer."""
        if self._question is None or self._question.done():
            self._question = asyncio.create_task(self._ask())
        return self._question

    async def _ask(self) -> Report | None:
        with suppress(EOFError, OSError):
            self.told = await self._asking.report()
            return self.told
        return None
