"""Many requests, a few at a time, each of which must succeed: to make ready what is measured later."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bench.gateway import PAGE
from bench.load.client import connect

ABREAST = 16


def ask_all(port: int, asked: Sequence[tuple[str, str]]) -> int:
    """GET each address with its Cookie header; how many bytes were answered in all."""
    return asyncio.run(_ask_all(port, list(asked)))


async def _ask_all(port: int, waiting: list[tuple[str, str]]) -> int:
    answered = 0

    async def ask_some() -> None:
        nonlocal answered
        connection = await connect(port)
        while waiting:
            cookie, target = waiting.pop()
            answer = await connection.ask("GET", target, PAGE | {"Cookie": cookie})
            assert answer.status == 200, answer.body
            answered += len(answer.body)
        connection.close()

    async with asyncio.TaskGroup() as group:
        for _ in range(ABREAST):
            group.create_task(ask_some())
    return answered
