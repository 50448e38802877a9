"""What the audit is told of changes that spend no money: one line each, when it is known how it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any, TypeVar

from pydantic import BaseModel
from pydantic_core import from_json
from structlog.typing import FilteringBoundLogger

from app.catalogue.known import Known
from app.catalogue.operation import Place, Write
from app.catalogue.writes import WriteState
from app.errors import OutcomeUnknown, Problem, UpstreamInvalid
from app.observe.audit import Audit, AuditRecord, Event, Unwritten
from app.observe.current import current_request_id

T = TypeVar("T")
# Ids that have fields of their own.
NAMED = frozenset({"team_id", "ad_account_id", "enterprise_id", "external_user_id"})


class WriteAudit:
    """Tells how changes ended. What was refused before anything was sent is no change."""

    def __init__(self, audit: Audit, log: FilteringBoundLogger) -> None:
        self._audit = audit
        self._log = log

    async def around(
        self,
        operation: Write[Any],
        known: Known,
        sending: Awaitable[T],
        body: Callable[[T], bytes],
    ) -> T:
        """What comes of sending it; `body` takes the answer's bytes from that."""
        try:
            answered = await sending
        except (OutcomeUnknown, UpstreamInvalid) as problem:
            await self._tell(operation, known, WriteState.UNKNOWN, code=problem.code)
            raise
        except Problem as problem:
            await self._tell(operation, known, WriteState.FAILED, code=problem.code)
            raise
        except BaseException:
            await self._tell(operation, known, WriteState.UNKNOWN)
            raise
        await self._tell(operation, known, WriteState.SUCCEEDED, body=body(answered))
        return answered

    async def _tell(
        self,
        operation: Write[Any],
        known: Known,
        state: WriteState,
        *,
        code: str | None = None,
        body: bytes = b"",
    ) -> None:
        """What happened, happened: that it cannot be written down is no reason to deny it."""
        try:
            await self._audit.tell(_record(operation, known, state, code, body))
        except Unwritten as unwritten:
            self._log.error(
                "the end of a write is not in the audit",
                operation=operation.id,
                state=state,
                reason=str(unwritten),
            )


def _record(
    operation: Write[Any], known: Known, state: WriteState, code: str | None, body: bytes
) -> AuditRecord:
    answer = from_json(body) if body else None
    if not isinstance(answer, dict):
        answer = {}
    draft = getattr(operation, "body", None)
    made = answer.get("id") if operation.status == 201 else None
    return AuditRecord(
        event=Event.WRITE_ENDED,
        who=known.caller.user,
        workspace=getattr(operation, "enterprise_id", getattr(draft, "enterprise_id", None)),
        team=getattr(operation, "team_id", None),
        account=getattr(operation, "ad_account_id", None),
        objects=_objects(operation) or None,
        operation=operation.id,
        set=_chosen(draft) or None,
        rights=operation.rights(known, answer) or None,
        state=state,
        code=code,
        made={"id": made} if isinstance(made, str) else None,
        request_id=current_request_id(),
    )


def _objects(operation: Write[Any]) -> dict[str, str]:
    """The other ids of its path."""
    return {
        parameter.name: str(getattr(operation, parameter.field))
        for parameter in operation.parameters
        if parameter.place is Place.PATH and parameter.field not in NAMED
    }


def _chosen(draft: object) -> dict[str, str]:
    """Of what was set only what is chosen from a list of ours: a text could be anything."""
    if not isinstance(draft, BaseModel):
        return {}
    fields = type(draft).model_fields
    values = {info.alias or name: getattr(draft, name) for name, info in fields.items()}
    return {name: value for name, value in values.items() if isinstance(value, StrEnum)}
