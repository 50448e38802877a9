"""From the platform's bytes to ours: validated, trimmed to what is declared, drift counted.

`reader` says how an answer is read when it arrives: at once into public bytes where a decoder can
(decoding.py), else into data, which `trim` looks through for drift, has validated and written by
pydantic, whose verdict is the only one.
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
from app.gateway.drift import Shape, shape_of, unknown_fields
from app.gateway.rows import NotDerivable
from app.ledger.grants import GrantRow
from app.observe.counters import Counters
from app.upstream.client import Reply
from app.upstream.envelope import is_json, open_envelope
from app.upstream.exchange import Incoming

# Paths that were logged once are remembered up to this number.
MOST_PATHS = 1000


class Trimming:
    """Makes public answers."""

    def __init__(
        self,
        operations: Sequence[type[Operation[Any]]],
        counters: Counters,
        log: FilteringBoundLogger,
    ) -> None:
        self._decoders = dict(_decoders(operations))
        self._shapes: dict[str, Shape | None] = {
            operation.id: shape_of(operation.wire_type) for operation in operations
        }
        self._counters = counters
        self._log = log
        self._seen: set[tuple[str, str]] = set()

    def reader(self, operation: Operation[Any]) -> Callable[[Incoming], Any]:
        """What makes the data of a reply of the platform's answer to this operation."""
        decoder = self._decoders.get(operation.id)
        return open_envelope if decoder is None else partial(_read, decoder)

    def trim(self, operation: Operation[Any], reply: Reply, known: Known) -> Content:
        """The public bytes; raises UpstreamInvalid when the data is not what was declared."""
        if operation.answer_type is None:
            return Content(b"")
        if isinstance(reply.data, Public):
            return Content(reply.data.body, reply.data.items, reply.keepable)
        if operation.id in self._decoders:
            self._counters.add("undecoded", operation=operation.id)
        self._watch(operation.id, reply.data)
        try:
            data = operation.wire_adapter.validate_python(reply.data)
            answer = operation.answer(data, known)
        except ValidationError as error:
            self._counters.add("upstream_invalid", operation=operation.id)
            raise UpstreamInvalid(reason=_where(error)) from None
        return _content(operation, answer, keepable=reply.keepable)

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

    def _watch(self, operation: str, data: Any) -> None:
        for path in unknown_fields(data, self._shapes[operation]):
            self._counters.add("undeclared_fields", operation=operation)
            if (operation, path) not in self._seen and len(self._seen) < MOST_PATHS:
                self._seen.add((operation, path))
                self._log.info("undeclared field", operation=operation, path=path[:120])


def _decoders(operations: Sequence[type[Operation[Any]]]) -> Iterator[tuple[str, Decoder]]:
    for operation in operations:
        try:
            yield operation.id, Decoder(operation)
        except NotDerivable:
            continue


def _read(decoder: Decoder, answer: Incoming) -> Any:
    """The public answer, or where there is a doubt the data; raises what `open_envelope` raises."""
    if 200 <= answer.status < 300 and answer.status != 204 and is_json(answer):
        try:
            return decoder.read(answer.body)
        except Doubt:
            pass
    return open_envelope(answer)


def _content(operation: Operation[Any], answer: Any, *, keepable: bool) -> Content:
    body = operation.answer_adapter.dump_json(answer, by_alias=True)
    items = len(answer.items) if isinstance(answer, Page) else None
    return Content(body, items, keepable)


def _where(error: ValidationError) -> str:
    """The places that did not validate, without their values."""
    places = (".".join(str(step) for step in e["loc"]) for e in error.errors(include_input=False))
    return "does not validate at " + ", ".join(sorted(set(places))[:5])
