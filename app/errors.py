"""Every way of saying no, as one tree.

    Problem
    ├── Malformed 400               the request cannot be read
    ├── Unauthenticated 401
    ├── CsrfRefused 403
    ├── Forbidden 403               a known object, a missing role
    ├── NotFound 404                absent or foreign: the two look alike
    ├── MethodNotAllowed 405
    ├── NotAcceptable 406
    ├── Conflict 409
    │   ├── AccountShared 409
    │   └── WritePending 409        a write under the same key has no end yet
    ├── TooLarge 413
    ├── UnsupportedMediaType 415
    ├── Invalid 422                 a field is wrong; `errors` names each
    ├── NotAMember 422
    ├── KeyReused 422               the same Idempotency-Key, another request
    ├── RateLimited 429
    ├── Internal 500
    ├── UpstreamError 502           the platform answered with an error of its own
    ├── UpstreamCredentials 502     the platform refused our key
    ├── UpstreamInvalid 502         the platform's answer cannot be trusted
    ├── AccessUnavailable 503       whether the caller may is unknowable: never allow
    ├── UpstreamUnavailable 503
    │   └── Overloaded 503          more at once than the gateway takes on
    ├── ReadOnly 503
    ├── Draining 503                this replica is about to stop
    ├── UpstreamTimeout 504
    └── OutcomeUnknown 504          a write was sent and its end was not seen

Codes and statuses are part of the public surface; each is an RFC 9457 problem document on the
wire (gateway/problems.py). `detail` is for the person, and never holds a value that somebody sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One fault in the input: where (an RFC 6901 pointer from the request) and what to do."""

    pointer: str
    message: str


class Problem(Exception):
    """The base of everything that is answered as a problem document.

    `detail` is one safe sentence for the person; `reason` is for the log only; `status_url` is where
    to ask what became of a write.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        detail: str | None = None,
        *,
        reason: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        status_url: str | None = None,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.reason = reason
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.status_url = status_url


class Malformed(Problem):
    status, code, title = 400, "malformed", "The request cannot be read"


class Unauthenticated(Problem):
    status, code, title = 401, "unauthenticated", "Sign in first"


class CsrfRefused(Problem):
    status, code, title = 403, "csrf", "The request did not prove where it comes from"


class Forbidden(Problem):
    status, code, title = 403, "forbidden", "Your role does not allow this"


class NotFound(Problem):
    status, code, title = 404, "not-found", "There is nothing here for you"


class MethodNotAllowed(Problem):
    status, code, title = 405, "method-not-allowed", "This path does not know that method"


class NotAcceptable(Problem):
    status, code, title = 406, "not-acceptable", "Another media type is offered"


class Conflict(Problem):
    status, code, title = 409, "conflict", "The present state does not allow this"


class AccountShared(Conflict):
    status, code, title = 409, "account-shared", "Other teams use this ad account too"


class WritePending(Conflict):
    status, code, title = 409, "write-pending", "A write under this key has no known end yet"


class TooLarge(Problem):
    status, code, title = 413, "too-large", "The request is too large"


class UnsupportedMediaType(Problem):
    status, code, title = 415, "unsupported-media-type", "Send application/json"


class Invalid(Problem):
    status, code, title = 422, "invalid", "Some fields are not valid"


class NotAMember(Problem):
    status, code, title = 422, "not-a-member", "The user is not a member of this team"


class KeyReused(Problem):
    status, code, title = 422, "key-reused", "This Idempotency-Key was used for something else"


class RateLimited(Problem):
    status, code, title = 429, "rate-limited", "Too many requests"


class Internal(Problem):
    status, code, title = 500, "internal", "Something went wrong here"


class UpstreamProblem(Problem):
    """What went wrong between the gateway and the platform."""


class UpstreamError(UpstreamProblem):
    status, code, title = 502, "upstream-error", "The ads platform failed"


class UpstreamCredentials(UpstreamProblem):
    status, code, title = 502, "upstream-credentials", "The ads platform refused the gateway"


class UpstreamInvalid(UpstreamProblem):
    status, code, title = 502, "upstream-invalid", "The ads platform's answer cannot be used"


class AccessUnavailable(Problem):
    status, code, title = 503, "access-unavailable", "Your permissions cannot be checked now"


class UpstreamUnavailable(UpstreamProblem):
    status, code, title = 503, "upstream-unavailable", "The ads platform cannot be reached"


class Overloaded(UpstreamUnavailable):
    status, code, title = 503, "overloaded", "The gateway has too much to do at the moment"


class ReadOnly(Problem):
    status, code, title = 503, "read-only", "Changes are switched off for now"


class Draining(Problem):
    status, code, title = 503, "draining", "This replica is about to stop"


class UpstreamTimeout(UpstreamProblem):
    status, code, title = 504, "upstream-timeout", "The ads platform did not answer in time"


class OutcomeUnknown(UpstreamProblem):
    status, code, title = 504, "outcome-unknown", "The change was sent, its outcome is not known"
