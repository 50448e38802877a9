"""What became of writes that spend money."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from app.catalogue.operation import Operation, Rule
from app.catalogue.shapes import Answer
from app.catalogue.spending import IdempotencyKey


class WriteState(StrEnum):
    """What became of a write that spends money.

    `pending`: it is on its way, or its end is being found out. `succeeded`, `failed`: it happened, it
    did not. `unknown`: nobody can say; look at the ads account before you try again.
    """

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"


class WriteOutcome(Answer):
    """What became of one write."""

    idempotency_key: str
    operation: str = Field(examples=["createTrafficCampaign"])
    state: WriteState
    started_at: datetime
    answer: dict[str, Any] | None = Field(
        None, description="What the write answers, when it succeeded"
    )
    advice: str | None = Field(None, description="What to do now")


class GetWrite(Operation[WriteOutcome]):
    """Ask what became of a write that spends money.

    Only the user who made it is told, and only while he may still change that ad account. It is
    remembered for 24 hours.
    """

    route = "GET /writes/{idempotencyKey}"
    upstream = None
    status = 200
    access = (Rule.USER,)

    idempotency_key: IdempotencyKey
