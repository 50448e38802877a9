"""The platform's wire: its envelopes, and how it reads a JSON body."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from starlette.responses import Response

from app.sandbox.refusal import Refusal, bad_request

T = TypeVar("T", bound=str)

_MESSAGES = {200: "Request successful", 201: "Resource created successfully"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What an operation answers, before its envelope.

    `said` is the statusCode inside the body where it differs from the real one; `bare` leaves
    the envelope out.
    """

    data: object
    status: int = 200
    message: str | None = None
    said: int | None = None
    bare: bool = False


def timestamp(at: float) -> str:
    """ISO 8601 in UTC with milliseconds."""
    return datetime.fromtimestamp(at, tz=UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def json_response(body: object, status: int = 200) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, media_type="application/json; charset=utf-8")


def success(reply: Reply, at: float) -> Response:
    if reply.bare:
        return json_response(reply.data, reply.status)
    said = reply.said or reply.status
    envelope = {
        "success": True,
        "data": reply.data,
        "message": reply.message or _MESSAGES[said],
        "timestamp": timestamp(at),
        "statusCode": said,
    }
    return json_response(envelope, reply.status)


def failure(refusal: Refusal, path: str, at: float) -> Response:
    error: dict[str, object] = {"code": refusal.code, "message": refusal.message}
    if refusal.details:
        error["details"] = list(refusal.details)
    envelope = {
        "success": False,
        "error": error,
        "timestamp": timestamp(at),
        "statusCode": refusal.status,
        "path": path,
    }
    return json_response(envelope, refusal.status)


def read_json(content_type: str, raw: bytes) -> object:
    """The body's value; an empty one or another content type counts as no body at all."""
    if not raw or not content_type.startswith("application/json"):
        return {}
    try:
        return json.loads(raw)
    except ValueError as error:
        raise bad_request("Unexpected token in JSON") from error


def names(listed: str | None) -> list[str]:
    """The names in a comma-separated parameter."""
    return [name for name in (listed or "").split(",") if name]


class Fields:
    """Reads named values out of a body or query and collects what is wrong with them.

    A part of a body shares the `faults` of the whole, and names itself in them by its `path`.
    """

    def __init__(self, source: object, path: str = "", faults: list[str] | None = None) -> None:
        self._source = source if isinstance(source, dict) else {}
        self._path = path
        self._faults = [] if faults is None else faults

    def blame(self, name: str, fault: str) -> None:
        self._faults.append(f"{self._path}{name} {fault}")

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if not value:
            self.blame(name, "should not be empty")
        return value or ""

    def optional_text(self, name: str) -> str | None:
        value = self._source.get(name)
        if value is None or isinstance(value, str):
            return value
        self.blame(name, "must be a string")
        return None

    def day(self, name: str) -> date:
        """A date as YYYY-MM-DD and nothing else."""
        value = self.text(name)
        try:
            return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.blame(name, "must be a valid date (YYYY-MM-DD)")
            return date.min

    def one_of(self, name: str, allowed: tuple[T, ...]) -> T:
        value = self._source.get(name)
        for choice in allowed:
            if value == choice:
                return choice
        self.blame(name, f"must be one of the following values: {', '.join(allowed)}")
        return allowed[0]

    def list_of(self, name: str, kind: type) -> list[object]:
        value = self._source.get(name)
        if isinstance(value, list) and value and all(isinstance(one, kind) for one in value):
            return value
        self.blame(name, "must be a non-empty array")
        return []

    def done(self) -> None:
        """Raises the platform's validation error if anything was wrong."""
        if self._faults:
            raise bad_request("Validation failed", self._faults)
