"""Operations that are composed here: several reads at once, put together into one answer.

A composed operation names its reads and says how their pieces become an answer. It is declared like
every other one, and each of its reads is an operation of the catalogue: kept, proven and shared as
if a frontend had asked for it alone.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

from app.catalogue.operation import Operation, Read
from app.catalogue.shapes import Answer
from app.errors import Problem

R = TypeVar("R")


class PartStatus(StrEnum):
    """How a part of a composed answer came about.

    `ok` and `stale` (older than it should be, a newer one is on its way) are answers of the ads
    platform; `failed` is missing, in whole or in part, and `problem` says why; `omitted` was not
    asked for.
    """

    OK = "ok"
    STALE = "stale"
    FAILED = "failed"
    OMITTED = "omitted"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one read came to: public data with decimal numbers, or the problem in its place, or beside
    it where the data lacks something.

    `as_of` is when the platform was asked.
    """

    data: Any = None
    as_of: datetime | None = None
    stale: bool = False
    problem: Problem | None = None


class PartProblem(Answer):
    """Why a part is missing: as a problem document has it (RFC 9457), `code` to decide on."""

    code: str = Field(examples=["upstream-timeout"])
    title: str
    status: int = Field(description="What the HTTP status would have been, had it been all")
    detail: str | None = None


class Part(Answer):
    """A part of a composed answer: its data, how old, or why it is missing."""

    status: PartStatus
    as_of: datetime | None = Field(
        None, description="When the platform was asked; of several questions the oldest"
    )
    problem: PartProblem | None = Field(None, description="Why it is missing, when it failed")


P = TypeVar("P", bound=Part)


def part_of(kind: type[P], data: Any, *pieces: Piece | None) -> P:
    """A part with that data, made of these pieces; None for one that was not asked for."""
    asked = [piece for piece in pieces if piece is not None]
    if not asked:
        return kind(status=PartStatus.OMITTED)
    problem = next((piece.problem for piece in asked if piece.problem is not None), None)
    moments = [piece.as_of for piece in asked if piece.as_of is not None]
    return kind.model_validate(
        {
            "status": _status(asked),
            "as_of": min(moments, default=None),
            "data": data,
            "problem": problem and told(problem),
        }
    )


def told(problem: Problem) -> PartProblem:
    return PartProblem(
        code=problem.code, title=problem.title, status=problem.status, detail=problem.detail
    )


def _status(pieces: Collection[Piece]) -> PartStatus:
    if any(piece.problem is not None for piece in pieces):
        return PartStatus.FAILED
    return PartStatus.STALE if any(piece.stale for piece in pieces) else PartStatus.OK


def group_of(read: str) -> str:
    """The group that a read belongs to: its pieces are told of together."""
    return read.partition("/")[0]


class Composed(Operation[R], Generic[R], abstract=True):
    """Asks several reads at once."""

    policy: ClassVar[tuple[str, ...]] = (*Operation.policy, "reads", "compose")

    status: ClassVar[int] = 200
    # How many reads of one group run at a time.
    abreast: ClassVar[Mapping[str, int]] = {}

    @abstractmethod
    def reads(self, today: date) -> Mapping[str, Read[Any]]:
        """The reads by name, the most wanted first; those called alike before a `/` are a group."""

    @abstractmethod
    def compose(self, pieces: Mapping[str, Piece]) -> R:
        """The answer made of the pieces; of a read that was not asked for there is none."""

    def required(self) -> Collection[str]:
        """The names of reads without which there is no answer."""
        return ()


class Live(Composed[R], Generic[R], abstract=True):
    """Stays open and tells what changes, as server-sent events (HTML Standard, section 9.2).

    `events` is the type of all that is told, each with the members `event` and `data`: first
    `scope`, then `parts` whenever some are news, `ready` once all have been told, and `bye`.
    """

    policy: ClassVar[tuple[str, ...]] = (*Composed.policy, "events", "scope", "update")

    media_type: ClassVar[str] = "text/event-stream"
    events: ClassVar[Any]

    @abstractmethod
    def scope(self) -> Answer:
        """What is known before anything was asked."""

    @abstractmethod
    def update(self, before: R, now: R) -> Answer | None:
        """What is news in this answer, None when nothing is."""


class Update(Answer):
    """Parts that are news, each to replace what was known of it; an absent one is unchanged."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)

    @model_serializer(mode="wrap")
    def _only_news(self, whole: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]  # a type would replace the model's own schema
        return {name: value for name, value in whole(self).items() if value is not None}


def differences(before: Answer, now: Answer, names: Iterable[str]) -> dict[str, Any]:
    """Those of these fields that are not what they were."""
    return {name: value for name in names if (value := getattr(now, name)) != getattr(before, name)}


class Farewell(StrEnum):
    """Why a stream ends.

    `drain`: the gateway stops, open another stream. `signed-out`: the session ended. `refused`: the
    caller may not see this any more, or what he requires failed; `problem` says which.
    """

    DRAIN = "drain"
    SIGNED_OUT = "signed-out"
    REFUSED = "refused"


class Bye(Answer):
    """The last event of a stream."""

    reason: Farewell
    problem: PartProblem | None = None
