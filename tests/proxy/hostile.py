"""Ids that try to be more than an id, and every place where an id can stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import quote, unquote

from app.catalogue.operation import Operation
from app.catalogue.operation import Place as Where
from app.testing.asks import OWN, Ask
from tests.proxy.asks import OPERATIONS, on_wire
from tests.proxy.bodies import Place, at, full, replaced, schemas

# What could end an id, begin another, climb, hide, or be taken for something else.
SEPARATORS = (
    *("/", "//", "/../", "../", "..", "./", "/.", "...", ".", "\\", "..\\", "/..;/"),
    *("?", "?x=", "&", "&adAccountId=", "#", ";", ";a=", "=", ",", ":", "@", "|", "+", "*", "~"),
    *("%", "%2f", "%2e%2e%2f", "%00", "%25", "{", "}", "{teamId}", "$", "'", '"', "<", "`", "^"),
    *(" ", "\t", "\n", "\r\n", "\r\nX-Evil: 1\r\n", "\0", "\x1f", "\x7f", "\x85", "\xa0"),
    *("\u200b", "\u200d", "\u2028", "\u202e", "\ufeff", "\u2024", "\u2025", "\u2044", "\u2215"),
    *("\u29f8", "\ufe68", "\uff0e", "\uff0f", "\uff3c", "\uff1f", "\uff03", "e\u0301", "\u212b"),
    *("-", "_", "\U0001f4a5", "\ufffd", "a" * 300),
)
# Of another kind, of another tenant, or an address of the platform's.
OTHERS = (
    *("globex", "team-globex-shop", "act_2001", "acc-2001", "conn-globex-shop", "cmp_2001_1"),
    *("gwen", "acme", "act_1002", "team-acme-agency", "auth/token", "connections/status"),
)
SOME = "aZ09"


@dataclass(frozen=True)
class IdPlace:
    """Where one operation takes an id: in `path`, in `query`, or at this place of its body."""

    operation: type[Operation[Any]]
    where: Where | None
    at: Place

    def __str__(self) -> str:
        return f"{self.operation.id} {self.where or 'body'} {'/'.join(map(str, self.at))}"

    @property
    def own(self) -> str:
        """An id that is right there."""
        if self.where is None:
            return str(at(full(self.operation).body, self.at))
        return OWN.get(str(self.at[0]), SOME)

    def request(self, hostile: str, cookie: str) -> bytes:
        """The operation's example with this in place of the id, exactly as it stands here."""
        ask = full(self.operation)
        if self.where is None:
            there = replace(ask, body=replaced(ask.body, self.at, hostile))
            return on_wire(there, cookie, close=False)
        return on_wire(ask, cookie, self._target(ask, str(self.at[0]), hostile), close=False)

    def _target(self, ask: Ask, name: str, hostile: str) -> str:
        if self.where is Where.PATH:
            return ask.raw(ask.path | {name: hostile})
        rest = replace(ask, query={n: v for n, v in ask.query.items() if n != name}).target
        return f"{rest}{'&' if '?' in rest else '?'}{name}={hostile}"


def id_places() -> Iterator[IdPlace]:
    """Every one, of all operations. Who hands his workspace on comes first: later requests make
    users that it could then be handed to."""
    for operation in sorted(OPERATIONS, key=lambda one: one.id != "changeWorkspaceAdmin"):
        for parameter in operation.parameters:
            if parameter.name.endswith("Id"):
                yield IdPlace(operation, parameter.place, (parameter.name,))
        if operation.body_model is not None:
            for place, schema in schemas(operation):
                names = [step for step in place if isinstance(step, str)]
                if schema.get("type") == "string" and _names_an_id(names[-1]):
                    yield IdPlace(operation, None, place)


def _names_an_id(name: str) -> bool:
    return name == "id" or name.endswith("Id")


def hostile_ids(place: IdPlace) -> Iterator[str]:
    """Every combination for this place, in an order that meets all kinds soon."""
    texts = list(_texts(place.own))
    for text in (texts[n * 61 % len(texts)] for n in range(len(texts))):
        yield from _spelt(place, text)


def some_hostile_ids(place: IdPlace, turn: int, count: int) -> list[str]:
    """So many of them, others at every turn."""
    found = list(hostile_ids(place))
    start = turn * count % len(found)
    return list(dict.fromkeys(islice(found + found, start, start + count)))


def _texts(own: str) -> Iterator[str]:
    """Separators alone, at either end, and between the own id and another's."""
    for separator in SEPARATORS:
        yield from (separator, own + separator, separator + own, separator * 2 + own)
        for other in OTHERS:
            yield from (own + separator + other, other + separator + own)


def _spelt(place: IdPlace, text: str) -> Iterator[str]:
    """As JSON has it; in an address encoded once, wholly, twice, wrongly, and not at all."""
    once = quote(text, safe="")
    if place.where is None:
        yield from (text, once)
        return
    yield once
    yield "".join(f"%{byte:02x}" for byte in text.encode())
    yield quote(once, safe="")
    yield once.replace("%2F", "%c0%af").replace(".", "%c0%ae")
    yield "".join(f"%u{ord(character):04x}" for character in text)
    # A request line ends at a space, and a fragment or an empty query leaves the own id alone.
    plain = text.isascii() and text.isprintable() and " " not in text and unquote(text) == text
    if plain and not text.startswith((place.own + "#", place.own + "?")):
        yield text
