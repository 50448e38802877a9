"""Draining: the gateway is about to stop, and what never ends by itself has to be told."""

from __future__ import annotations

import asyncio


class Drain:
    """Begins once."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()

    def begin(self) -> None:
        """To be called in the event loop that serves."""
        self._begun.set()

    async def begun(self) -> None:
        """Returns when it has."""
        await self._begun.wait()
