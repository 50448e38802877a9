"""From the platform's bytes to ours: validated, trimmed to what is declared, drift counted.

`reader` says how an answer is read when it arrives: at once into public bytes where a decoder can
(decoding.py), else into data, which `trim` looks through for drift, has validated and written by
pydantic, whose verdict is the only one. Of what it refuses some is amended (tolerance.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from pydantic import ValidationError
from structlog.typing import FilteringBoundLogger

from app.cache.entries import Content
from app.catalogue.known import Known
from app.catalogue.operation import Operation, Recall
from app.catalogue.shapes import Page
from app.errors import UpstreamInvalid
from app.gateway.decoding import Decoder, Doubt, Public
from app.gateway.drift import Drift, Fault, faults_of
from app.gateway.rows import NotDerivable
from app.gateway.tolerance import Tolerance
from app.ledger.grants import GrantRow
from app.observe.counters import Counters
from app.upstream.client import Reply
from app.upstream.envelope import is_json, open_envelope
from app.upstream.exchange import Incoming


class Trimming:
    """Makes public answers."""

    def __init__(
        self,
        operations: Sequence[type[Operation[Any]]],
        drift: Drift,
        tolerance: Tolerance,
        counters: Counters,
        log: FilteringBoundLogger,
    ) -> None:
        self._readers = dict(_readers(operations))
        self._drift = drift
        self._tolerance = tolerance
        self._counters = counters
        self._log = log

    def reader(self, operation: Operation[Any]) -> Callable[[Incoming], Any]:
        """What makes the data of a reply of the platform's answer to this operation."""
        return self._readers.get(operation.id, open_envelope)

    def trim(self, operation: Operation[Any], reply: Reply, known: Known) -> Content:
        """The public bytes; raises UpstreamInvalid when the data is not what was declared."""
        if operation.answer_type is None:
            return Content(b"")
        if isinstance(reply.data, Public):
            return Content(reply.data.body, reply.data.items, reply.keepable)
        if operation.id in self._readers:
            self._counters.add("undecoded", operation=operation.id)
        self._drift.look(operation.id, reply.data)
        try:
            data, partial = self._validated(operation, reply.data)
            answer = operation.answer(data, known)
        except ValidationError as error:
            faults = faults_of(error)
            self._counters.add("upstream_invalid", operation=operation.id)
            self._drift.refused(operation.id, faults)
            raise UpstreamInvalid(reason=_where(faults)) from None
        return _content(operation, answer, keepable=reply.keepable and not partial, partial=partial)

    def recollect(self, operation: Recall[Any], rows: Sequence[GrantRow]) -> Content:
        """The public list of remembered permissions."""
        items = [
            {
                "externalUserId": row.user,
                "permission": row.permission,
                "setBy": row.set_by,
                "setAt": datetime.fromtimestamp(row.set_at, tz=UTC),
            }
            for row in rows
        ]
        answer = operation.answer_adapter.validate_python({"items": items})
        return _content(operation, answer, keepable=False)

    def _validated(self, operation: Operation[Any], data: Any) -> tuple[Any, bool]:
        """The data as declared, and whether something had to be left out; raises ValidationError."""
        try:
            return operation.wire_adapter.validate_python(data), False
        except ValidationError as error:
            faults = faults_of(error)
            amended = self._tolerance.amended(operation.id, data, faults)
            if amended is None:
                raise
        whole = operation.wire_adapter.validate_python(amended.rows)
        self._drift.refused(operation.id, faults)
        self._counters.add("tolerated", operation=operation.id)
        self._log.warning(
            "odd rows", operation=operation.id, dropped=amended.dropped, nulled=amended.nulled
        )
        return whole, True


def _readers(
    operations: Sequence[type[Operation[Any]]],
) -> Iterator[tuple[str, Callable[[Incoming], Any]]]:
    """Of those operations whose answers a decoder can read."""
    for operation in operations:
        try:
            yield operation.id, partial(_read, Decoder(operation).read)
        except NotDerivable:
            continue


def _read(decode: Callable[[bytes], Public], answer: Incoming) -> Any:
    """The public answer, or where there is a doubt the data; raises what `open_envelope` raises."""
    if 200 <= answer.status < 300 and answer.status != 204 and is_json(answer):
        try:
            return decode(answer.body)
        except Doubt:
            pass
    return open_envelope(answer)


def _content(
    operation: Operation[Any], answer: Any, *, keepable: bool, partial: bool = False
) -> Content:
    body = operation.answer_adapter.dump_json(answer, by_alias=True)
    items = len(answer.items) if isinstance(answer, Page) else None
    return Content(body, items, keepable, partial)


def _where(faults: Sequence[Fault]) -> str:
    """The places that did not validate."""
    places = (".".join(str(step) for step in fault["loc"]) for fault in faults)
    return "does not validate at " + ", ".join(sorted(set(places))[:5])
