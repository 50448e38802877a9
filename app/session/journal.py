"""The journal of sessions: who signed in and out. The log groups it by person and names nobody, the
audit names him."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from structlog.typing import FilteringBoundLogger

from app.caller import pseudonym
from app.errors import Problem
from app.observe.audit import Audit, AuditRecord, Ending, Event
from app.observe.counters import Counters
from app.observe.current import current_request_id

# So many refused sign-ins and logouts of a minute are in the audit; the log and the counters have all.
MOST_REFUSALS = 60


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes session events, and counts them. `salt` keys the hash that stands for a person in the log.

    Nobody waits for the audit here: a disk that is slow or full keeps nobody from signing out.
    """

    logger: FilteringBoundLogger
    salt: bytes = field(repr=False)
    audit: Audit
    counters: Counters
    # By the minute, of which there is one.
    refusals: Counter[int] = field(default_factory=Counter, repr=False)

    def started(self, user: str, *, replaced: bool) -> None:
        self._count("started")
        self.logger.info("session.started", actor=self._actor(user), replaced=replaced)
        self._note(Event.SESSION_STARTED, who=user)

    def ended(self, user: str, ending: Ending) -> None:
        self._count("ended")
        self.logger.info("session.ended", actor=self._actor(user), reason=ending)
        self._note(Event.SESSION_ENDED, who=user, reason=ending)

    def refused(self, problem: Problem) -> None:
        """A sign-in that did not come about: nobody is known yet, so there is no actor."""
        self._count("refused")
        self.logger.warning("session.refused", code=problem.code, reason=problem.reason)
        if self._few():
            self._note(Event.SESSION_REFUSED, code=problem.code, reason=problem.reason)

    def logout_refused(self, reason: str) -> None:
        """An order to end sessions that was not carried out. What it names is nobody's word."""
        self._count("logout refused")
        self.logger.warning("logout.refused", reason=reason)
        if self._few():
            self._note(Event.LOGOUT_REFUSED, reason=reason)

    def unanswered(self, error: str) -> None:
        """A silent sign-in that the provider cannot do without asking somebody: nothing happened."""
        self._count("unanswered")
        self.logger.info("session.interaction_required", reason=error)

    def _few(self) -> bool:
        """Whether the audit has room for another refusal in this minute: whoever can be refused without
        being anybody must not fill its disk."""
        minute = self.audit.minute
        self.refusals[minute] += 1
        for other in self.refusals.keys() - {minute}:
            del self.refusals[other]
        return self.refusals[minute] <= MOST_REFUSALS

    def _count(self, event: str) -> None:
        self.counters.add("session_events", event=event)

    def _actor(self, user: str) -> str:
        return pseudonym(self.salt, user)

    def _note(
        self,
        event: Event,
        *,
        who: str | None = None,
        code: str | None = None,
        reason: str | None = None,
    ) -> None:
        request_id = current_request_id()
        self.audit.note(
            AuditRecord(event=event, who=who, code=code, reason=reason, request_id=request_id)
        )
