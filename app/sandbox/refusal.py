"""Refusal: the platform says no, in its own codes."""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):
    """Answered as the platform's error envelope. `details` are its validation sentences."""

    def __init__(self, status: int, code: str, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = tuple(details)


def bad_request(message: str, details: Sequence[str] = ()) -> Refusal:
    return Refusal(400, "BAD_REQUEST", message, details)


def unauthorized(message: str) -> Refusal:
    return Refusal(401, "UNAUTHORIZED", message)


def forbidden(message: str = "Access denied") -> Refusal:
    return Refusal(403, "FORBIDDEN", message)


def not_found(what: str) -> Refusal:
    return Refusal(404, "NOT_FOUND", f"{what} not found")
