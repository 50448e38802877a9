"""Published keys: a JWK Set at an address of somebody who signs, fetched and kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from structlog.typing import FilteringBoundLogger

from app.clock import Clock
from app.errors import Problem
from app.session.fetch import Failed
from app.session.kept import Kept, Loaded
from app.session.key_set import KeySet, VerificationKey
from app.session.registered_claims import TokenRefused


class PublishedKeys:
    """The keys of one publisher. `document` fetches them, `failed` says whose they are."""

    def __init__(
        self,
        document: Callable[[], Awaitable[Loaded[dict[str, Any]]]],
        failed: Failed,
        clock: Clock,
        *,
        first_retry: float = 0,
        log: FilteringBoundLogger | None = None,
    ) -> None:
        self._document = document
        self._failed = failed
        self._log = log
        self._version = ""
        self._kept = Kept(self._load, clock, first_retry=first_retry, failed=self._tell)

    def current(self) -> KeySet | None:
        """The keys where nobody has to wait for them, else None."""
        return self._kept.current()

    async def find(self, key_id: str | None, algorithm: str) -> tuple[KeySet, VerificationKey]:
        """The key of that id, with the set that holds it.

        An id that nobody knows yet is a reason to look again, not too often.
        """
        keys = await self._kept.get()
        key = keys.pick(key_id, algorithm)
        if key is None:
            keys = await self._kept.get_newer()
            key = keys.pick(key_id, algorithm)
        if key is None:
            raise TokenRefused("no key of that id and kind")
        return keys, key

    async def close(self) -> None:
        """End a fetch that is under way."""
        await self._kept.close()

    async def _load(self) -> Loaded[KeySet]:
        document = await self._document()
        try:
            keys = KeySet.read(document.value)
        except ValueError:
            raise self._failed("the key set is no key set") from None
        if self._log is not None and keys.version != self._version:
            counted = f"{len(keys.keys)} usable, {keys.ignored} ignored"
            self._log.info("keys.changed", reason=counted)
        self._version = keys.version
        return Loaded(keys, document.seconds)

    def _tell(self, problem: Problem) -> None:
        if self._log is not None:
            self._log.warning("keys.not-renewed", reason=problem.reason)
