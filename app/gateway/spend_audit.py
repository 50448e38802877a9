"""What the audit is told of attempts to spend money: that one begins, and once how it ended."""

from __future__ import annotations

from pydantic_core import from_json
from structlog.typing import FilteringBoundLogger

from app.errors import AccessUnavailable
from app.gateway.attempts import Attempt
from app.observe.audit import Audit, AuditRecord, BudgetKind, Event, Unwritten
from app.observe.current import current_request_id
from app.session.records import Records, hashed


class SpendAudit:
    """`endings` holds which ends were told: the same one may be found out by several at once."""

    def __init__(self, audit: Audit, endings: Records[str], log: FilteringBoundLogger) -> None:
        self._audit = audit
        self._endings = endings
        self._log = log

    async def begun(self, attempt: Attempt) -> None:
        """To be told before anything is sent: raises AccessUnavailable when it cannot be written."""
        try:
            await self._audit.tell(_record(Event.WRITE_BEGUN, attempt))
        except Unwritten as unwritten:
            self._log.error("the audit cannot be written", reason=str(unwritten))
            raise AccessUnavailable(
                "What spends money cannot be written down at the moment, so nothing was sent. Try "
                "again later.",
                reason="the audit cannot be written",
            ) from None

    async def ended(self, attempt: Attempt) -> None:
        """Tell it, unless this end of this attempt was told before.

        What happened, happened: that it cannot be written down is no reason to deny it.
        """
        try:
            if not await self._endings.add(_ending(attempt), attempt.state, attempt.ends):
                return
        except AccessUnavailable:
            pass  # told twice, perhaps, rather than not at all
        try:
            await self._audit.tell(_record(Event.WRITE_ENDED, attempt))
        except Unwritten as unwritten:
            self._log.error(
                "the end of a write is not in the audit",
                operation=attempt.operation,
                state=attempt.state,
                reason=str(unwritten),
            )


def _ending(attempt: Attempt) -> str:
    """A key that failed may be used again: then it is another attempt."""
    return hashed("ending", f"{attempt.place}\0{attempt.began_at!r}\0{attempt.state}")


def _record(event: Event, attempt: Attempt) -> AuditRecord:
    answer = from_json(attempt.answer) if attempt.answer else {}
    return AuditRecord(
        event=event,
        who=attempt.user,
        team=attempt.team_id,
        account=attempt.ad_account_id,
        operation=attempt.operation,
        key=attempt.key,
        budget=attempt.budget,
        budget_kind=BudgetKind.DAILY if attempt.budget is not None else None,
        state=attempt.state,
        code=attempt.code,
        made={name: made for name, made in answer.items() if made} or None,
        request_id=current_request_id(),
    )
