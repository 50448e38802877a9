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

from msgspec import Struct

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
WITHOUT_BODY = frozenset({"GET", "DELETE"})
_ADDRESS = re.compile(r"([A-Z]+) (/[^ ?{}]*(?:\{\w+\}[^ ?{}]*)*)(\?[\w&]+)?(?: \{([\w, ]+)\})?")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CONTROL = re.compile(r"[\x00-\x1f]")
_LITERAL = re.compile(r"[A-Za-z0-9_~-]+(?:\.[A-Za-z0-9_~-]+)*")
# One of a query that reads the same percent-encoded (RFC 3986, section 2.3).
_PLAIN_PAIR = re.compile(r"&[A-Za-z0-9._~-]*=[A-Za-z0-9._~-]*")


class Evidence(StrEnum):
    """How we know an upstream address."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


class Target(Struct, frozen=True):
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
    # The path up to its first placeholder, then each of these with what follows it: `/a/{b}/c` is `/a/`,
    # and `b` with `/c`.
    _start: str = field(init=False, compare=False, repr=False)
    _steps: tuple[tuple[str, str], ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        start, *others = _PLACEHOLDER.split(self.path)
        steps = tuple(zip(others[::2], others[1::2], strict=True))
        object.__setattr__(self, "_start", start)
        object.__setattr__(self, "_steps", steps)
        object.__setattr__(self, "placeholders", frozenset(name for name, _ in steps))

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
        query = ""
        body: dict[str, Any] = {}
        by_query = self.method in WITHOUT_BODY
        for name, value in parameters.items():
            if value is None or name in self.placeholders:
                continue
            if name in self.query or (by_query and name not in self.body):
                query += _pair(name, value if type(value) is str else _text(value))
            else:
                body[name] = value
        path = self._start
        for name, literal in self._steps:
            path += _segment(str(parameters[name])) + literal
        content = (
            json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
            if body or not by_query
            else None
        )
        return Target(self.method, path, query[1:], content)

    def _in_query(self, name: str) -> bool:
        return name in self.query or (self.method in WITHOUT_BODY and name not in self.body)


# Ids, names of fields and their values come again and again.
_remembered = lru_cache(maxsize=2048)


@_remembered
def _segment(text: str) -> str:
    if text in {"", ".", ".."} or _CONTROL.search(text):
        raise ValueError("a path value may not be empty, a dot segment or hold control characters")
    return quote(text, safe="")


@_remembered
def _pair(name: str, value: str) -> str:
    """One of a query, behind an ampersand, percent-encoded (RFC 3986, section 2.1)."""
    pair = f"&{name}={value}"
    return (
        pair if _PLAIN_PAIR.fullmatch(pair) else f"&{quote(name, safe='')}={quote(value, safe='')}"
    )


def _text(value: Any) -> str:
    """One query value: lists are joined with commas, as the platform reads them."""
    if type(value) is str:
        return value
    if isinstance(value, (list, tuple)):
        try:
            return ",".join(value)
        except TypeError:
            return ",".join([_text(part) for part in value])
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return str(value)
