"""Draining: the gateway is about to stop. It still answers, and asks everybody to go elsewhere."""

from __future__ import annotations

import asyncio


class Drain:
    """Begins once; `under_way` says whether it has, and is asked by every request."""

    def __init__(self) -> None:
        self.under_way = False
        self._begun = asyncio.Event()

    def begin(self) -> None:
        """To be called in the event loop that serves."""
        self.under_way = True
        self._begun.set()

    async def begun(self) -> None:
        """Returns when it has."""
        await self._begun.wait()
