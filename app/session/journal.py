"""The journal of sessions: who signed in and out, grouped by person and naming nobody."""

from __future__ import annotations

from dataclasses import dataclass, field

from structlog.typing import FilteringBoundLogger

from app.caller import pseudonym
from app.errors import Problem
from app.observe.counters import Counters


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes session events, and counts them. `salt` keys the hash that stands for a person."""

    logger: FilteringBoundLogger
    salt: bytes = field(repr=False)
    counters: Counters

    def started(self, user: str, *, replaced: bool) -> None:
        self._count("started")
        self.logger.info("session.started", actor=self._actor(user), replaced=replaced)

    def ended(self, user: str, reason: str | None = None) -> None:
        self._count("ended")
        self.logger.info("session.ended", actor=self._actor(user), reason=reason)

    def refused(self, problem: Problem) -> None:
        """A sign-in that did not come about: nobody is known yet, so there is no actor."""
        self._count("refused")
        self.logger.warning("session.refused", code=problem.code, reason=problem.reason)

    def logout_refused(self, reason: str) -> None:
        """An order to end sessions that was not carried out. What it names is nobody's word."""
        self._count("logout refused")
        self.logger.warning("logout.refused", reason=reason)

    def unanswered(self, error: str) -> None:
        """A silent sign-in that the provider cannot do without asking somebody."""
        self._count("unanswered")
        self.logger.info("session.interaction_required", error=error)

    def _count(self, event: str) -> None:
        self.counters.add("session_events", event=event)

    def _actor(self, user: str) -> str:
        return pseudonym(self.salt, user)
