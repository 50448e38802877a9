"""Answers of the platform without anybody's data: what is not known to be harmless gets a pseudonym."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.gateway.drift import is_harmless
from app.recorder.declared import Names
from app.recorder.pseudonyms import Pseudonyms

_FIGURE = re.compile(r"-?\d{1,18}(?:\.\d{1,9})?")
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
# Without figures, which could be of an id, but for an age.
_WORD = re.compile(r"[A-Za-z_.]{1,64}|\d{2}(?:-\d{2}|\+)")
_USERS = frozenset({"externalUserId", "adminExternalUserId", "adminId"})
# What the gateway tells from other refusals by its words; see the platform's contract, operation 3.
_ALREADY_THERE = re.compile(r"\balready exists\b", re.IGNORECASE)


class Sanitising:
    """For one tape."""

    def __init__(self, names: Names, pseudonyms: Pseudonyms) -> None:
        self._names = names
        self._pseudonyms = pseudonyms
        self._envelope: Mapping[str, Callable[[Any], Any]] = {
            "success": lambda value: value if isinstance(value, bool) else None,
            "data": lambda value: self.value("data", value),
            "message": _said,
            "timestamp": lambda value: self._text("timestamp", str(value)),
            "statusCode": lambda value: value if isinstance(value, int) else None,
            "count": lambda value: value if isinstance(value, int) else None,
            "error": self._error,
        }

    def answer(self, body: Any) -> Any:
        """A whole answer, its envelope included where it has one."""
        if not isinstance(body, dict) or not body.keys() & {"success", "error"}:
            return self.value("data", body)
        return {name: told(body[name]) for name, told in self._envelope.items() if name in body}

    def value(self, name: str, value: Any) -> Any:
        """What stands under that name."""
        if isinstance(value, dict):
            return {self._name(inner): self.value(inner, one) for inner, one in value.items()}
        if isinstance(value, list):
            return [self.value(name, one) for one in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(name, value)
        return value if name in self._names.figures else self._pseudonyms.of_number(value)

    def _text(self, name: str, text: str) -> str:
        names = self._names
        if (
            (name in names.figures and _FIGURE.fullmatch(text))
            or (name in names.moments | {"timestamp"} and _MOMENT.fullmatch(text))
            or (name in names.words and _WORD.fullmatch(text))
        ):
            return text
        return self._pseudonyms.of_user(text) if name in _USERS else self._pseudonyms.of(text)

    def _name(self, name: str) -> str:
        plain = name in self._names.known or is_harmless(name)
        return name if plain else self._pseudonyms.of(name)

    def _error(self, error: Any) -> Any:
        if not isinstance(error, dict):
            return _said(error)
        told = {"message": _said(error.get("message"))}
        code = error.get("code")
        return told | ({"code": code} if isinstance(code, str) and _WORD.fullmatch(code) else {})


def _said(message: Any) -> str:
    """The platform's sentences can quote anybody, so there are two of them."""
    there = isinstance(message, str) and _ALREADY_THERE.search(message)
    return "It already exists" if there else "As recorded"
