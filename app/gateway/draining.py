"""Draining: the gateway is about to stop. It still answers, and asks everybody to go elsewhere."""

from __future__ import annotations

import asyncio


class Drain:
    """Begins once."""

    def __init__(self) -> None:
        self._begun = asyncio.Event()

    @property
    def under_way(self) -> bool:
        """Whether it has begun."""
        return self._begun.is_set()

    def begin(self) -> None:
        """To be called in the event loop that serves."""
        self._begun.set()

    async def begun(self) -> None:
        """Returns when it has."""
        await self._begun.wait()
