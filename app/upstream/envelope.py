"""The platform's envelope: what its answers mean, in types of ours.

Success is `{success: true, data, …}` with exceptions: one address answers its data bare, one nests
the envelope twice. Failure is `{success: false, error: {code, message, details?}}`, and some
generations answer `{message, error}` at the top. Provider codes become ours here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any

from pydantic_core import from_json

from app.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    UpstreamCredentials,
    UpstreamError,
    UpstreamInvalid,
    UpstreamUnavailable,
)
from app.foreign_words import shown
from app.json_scan import json_fault
from app.upstream.exchange import Incoming

LONGEST_PAUSE = 120
# How the platform words a 400 for what is there already (operation 3); faults of a body have
# `details` instead.
_ALREADY_THERE = re.compile(r"\balready exists\b", re.IGNORECASE)
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json(?:\s*;.*)?", re.IGNORECASE)


class Refusal(StrEnum):
    """The platform's error codes."""

    BAD_REQUEST = "BAD_REQUEST"
    UNAUTHORIZED = "UNAUTHORIZED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    INTERNAL_ERROR = "INTERNAL_ERROR"


BY_STATUS: Mapping[int, Refusal] = {
    400: Refusal.BAD_REQUEST,
    401: Refusal.UNAUTHORIZED,
    403: Refusal.FORBIDDEN,
    404: Refusal.NOT_FOUND,
    409: Refusal.CONFLICT,
    422: Refusal.BAD_REQUEST,
    429: Refusal.TOO_MANY_REQUESTS,
}

# What a refusal is for our caller, where nothing more is known (tokens are judged in client.py).
PROBLEMS: Mapping[Refusal, tuple[type[Problem], str]] = {
    Refusal.BAD_REQUEST: (Invalid, "The ads platform did not accept the request."),
    Refusal.UNAUTHORIZED: (UpstreamCredentials, "The ads platform refused the gateway."),
    Refusal.FORBIDDEN: (Forbidden, "The ads platform does not let you do this."),
    Refusal.NOT_FOUND: (NotFound, "The ads platform does not know this object."),
    Refusal.CONFLICT: (
        Conflict,
        "The ads platform says that the present state does not allow this.",
    ),
    Refusal.TOO_MANY_REQUESTS: (
        UpstreamUnavailable,
        "The ads platform takes no more requests for the moment.",
    ),
    Refusal.INTERNAL_ERROR: (UpstreamError, "The ads platform failed."),
}


class Refused(Exception):
    """The platform said no: its code, and its words for those who may show them."""

    def __init__(self, code: Refusal, message: str, retry_after: str | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def problem(self) -> Problem:
        """What our caller is told; the platform's words stay in the log."""
        kind, detail = PROBLEMS[self.code]
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        return kind(detail, reason=str(self), headers=headers)


def open_envelope(answer: Incoming) -> Any:
    """The data of a successful answer.

    Raises Refused when the platform says no, UpstreamError when it failed, and UpstreamInvalid when
    what it says cannot be trusted (RFC 8259 says what JSON is; redirects are never followed).
    """
    if 300 <= answer.status < 400:
        raise UpstreamInvalid(reason=f"redirect {answer.status}")
    if answer.status >= 500:
        raise UpstreamError(reason=f"status {answer.status}")
    if answer.status == 204:
        return None
    content = _parse(answer)
    if answer.status >= 400 or (isinstance(content, dict) and content.get("success") is False):
        raise _refused(answer, content)
    if not 200 <= answer.status < 300:
        raise UpstreamInvalid(reason=f"status {answer.status}")
    return _data(content)


def is_json(answer: Incoming) -> bool:
    """Whether it calls itself so."""
    return _names_json(answer.headers.get("content-type", ""))


@lru_cache(maxsize=64)
def _names_json(content_type: str) -> bool:
    return _JSON.fullmatch(content_type) is not None


def _data(content: Any) -> Any:
    """Unwrap once, and once more where the platform wrapped twice; None where there is nothing.

    Whether nothing is enough is for the operation's own shape to say.
    """
    if not isinstance(content, dict):
        raise UpstreamInvalid(reason="not an object")
    if "success" not in content:
        if "error" in content:
            raise UpstreamInvalid(reason="an error that calls itself a success")
        # Two addresses answer bare: {authUrl} and {data: [...]}.
        return content["data"] if set(content) == {"data"} else content
    if content["success"] is not True:
        raise UpstreamInvalid(reason="neither success nor failure")
    data = content.get("data")
    if isinstance(data, dict) and "success" in data and "data" in data:
        return _data(data)
    return data


def _refused(answer: Incoming, content: Any) -> Exception:
    error = content.get("error") if isinstance(content, dict) else None
    if isinstance(error, dict):
        code, message = error.get("code"), error.get("message")
        known = code if isinstance(code, str) and code in set(Refusal) else None
        faulty = bool(error.get("details"))
    else:
        known, faulty = None, False
        message = content.get("message") if isinstance(content, dict) else None
    refusal = Refusal(known) if known is not None else BY_STATUS.get(answer.status)
    if refusal is Refusal.BAD_REQUEST and not faulty and _tells_of_a_duplicate(message):
        refusal = Refusal.CONFLICT
    if refusal is None:
        return UpstreamError(reason=f"unknown refusal, status {answer.status}")
    if refusal is Refusal.INTERNAL_ERROR:
        return UpstreamError(reason="INTERNAL_ERROR")
    return Refused(refusal, shown(message), _seconds(answer.headers.get("retry-after")))


def _tells_of_a_duplicate(message: object) -> bool:
    return isinstance(message, str) and _ALREADY_THERE.search(message) is not None


def _seconds(retry_after: str | None) -> str | None:
    """Retry-After in seconds (RFC 9110, section 10.2.3), capped; a date is left to the resender."""
    if retry_after is None or not re.fullmatch(r"\d{1,9}", retry_after):
        return None
    return str(min(int(retry_after), LONGEST_PAUSE))


def _parse(answer: Incoming) -> Any:
    try:
        return _content(answer)
    except UpstreamInvalid:
        # An error page of something in between says nothing but its status, and that it says.
        if answer.status >= 400:
            return None
        raise


def _content(answer: Incoming) -> Any:
    if not is_json(answer):
        raise UpstreamInvalid(reason="content type")
    if fault := json_fault(answer.body):
        raise UpstreamInvalid(reason=fault)
    try:
        return from_json(answer.body, allow_inf_nan=False)
    except ValueError:
        raise UpstreamInvalid(reason="not JSON") from None
