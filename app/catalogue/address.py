"""Upstream addresses: which method and path serve an operation, and where each parameter travels.

Written as `METHOD /path/{name}[?name&name][ {name, name}]`: names after `?` travel in the query,
names in braces in the body, and names that are not mentioned follow the method (GET and DELETE
carry them in the query, the others in the body). `Address.fill` is the only place where a value
becomes a part of an address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from app.record import record

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
WITHOUT_BODY = frozenset({"GET", "DELETE"})
_ADDRESS = re.compile(r"([A-Z]+) (/[^ ?{}]*(?:\{\w+\}[^ ?{}]*)*)(\?[\w&]+)?(?: \{([\w, ]+)\})?")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CONTROL = re.compile(r"[\x00-\x1f]")
_LITERAL = re.compile(r"[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*")


class Evidence(StrEnum):
    """How we know an upstream address."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


@record
class Target:
    """A filled address: the path with its query, percent-encoded, and the body if there is one."""

    method: str
    path: str
    query: str
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Carried:
    """Which of an operation's parameters travel in the query and which in the body."""

    query: frozenset[str]
    body: frozenset[str]


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed upstream address; `placeholders` are the names in its path."""

    method: str
    path: str
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    placeholders: frozenset[str] = field(init=False, compare=False, repr=False)
    # The path between its placeholders, and those: `/a/{b}/c` is `/a/`, `b`, `/c`.
    _parts: tuple[str, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_parts", tuple(_PLACEHOLDER.split(self.path)))
        object.__setattr__(self, "placeholders", frozenset(self._parts[1::2]))

    @staticmethod
    def parse(text: str) -> Address:
        """Raises ValueError with a sentence when the text is not an address."""
        match = _ADDRESS.fullmatch(text)
        if match is None or match[1] not in METHODS:
            raise ValueError(f"{text!r} is not an address like `GET /teams/{{id}}`")
        for segment in match[2][1:].split("/"):
            if not _PLACEHOLDER.fullmatch(segment) and not _LITERAL.fullmatch(segment):
                raise ValueError(
                    f"{text!r} has a segment that is neither a plain word nor {{a name}}"
                )
        query = frozenset((match[3] or "")[1:].split("&")) - {""}
        body = frozenset(name.strip() for name in (match[4] or "").split(",")) - {""}
        return Address(match[1], match[2], query, body)

    def misfit(self, names: Collection[str]) -> str | None:
        """A sentence when this address speaks of a parameter that the operation does not send."""
        unknown = (self.placeholders | self.query | self.body) - set(names)
        if not unknown:
            return None
        return (
            f"{', '.join(sorted(unknown))} is not among its parameters ({', '.join(sorted(names))})"
        )

    def carried(self, names: Collection[str]) -> Carried:
        """Where each of these parameters travels, those of the path aside."""
        others = frozenset(names) - self.placeholders
        query = frozenset(name for name in others if self._in_query(name))
        return Carried(query, others - query)

    def fill(self, parameters: Mapping[str, Any]) -> Target:
        """Put each parameter where it travels. Values of None are left out.

        Raises ValueError when a path value is empty or a dot segment: pattern checks come before
        this, but nothing may turn an id into another path even if one is forgotten.
        """
        query: list[str] = []
        body: dict[str, Any] = {}
        by_query = self.method in WITHOUT_BODY
        for name, value in parameters.items():
            if value is None or name in self.placeholders:
                continue
            if name in self.query or (by_query and name not in self.body):
                text = value if type(value) is str else _text(value)
                query.append(f"{_quoted(name)}={_quoted(text)}")
            else:
                body[name] = value
        path = "".join(
            [
                _segment(parameters[part]) if place % 2 else part
                for place, part in enumerate(self._parts)
            ]
        )
        content = (
            json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            if self._has_body(body)
            else None
        )
        return Target(self.method, path, "&".join(query), content)

    def _in_query(self, name: str) -> bool:
        return name in self.query or (self.method in WITHOUT_BODY and name not in self.body)

    def _has_body(self, body: Mapping[str, Any]) -> bool:
        return bool(body) or self.method not in WITHOUT_BODY


def _segment(value: object) -> str:
    text = str(value)
    if text in {"", ".", ".."} or _CONTROL.search(text):
        raise ValueError("a path value may not be empty, a dot segment or hold control characters")
    return _quoted(text)


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    """Percent-encoded (RFC 3986, section 2.1). Ids and names of fields come again and again."""
    return quote(text, safe="")


def _text(value: Any) -> str:
    """One query value: lists are joined with commas, as the platform reads them."""
    if type(value) is str:
        return value
    if isinstance(value, list | tuple):
        return ",".join([part if type(part) is str else _text(part) for part in value])
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)
