"""Asking the platform: key and token on, envelope off, and "whose refusal is it?".

Read downwards: `ask` is one question of a user, with his token; `_again` judges refusals of that;
`_send` is one request, repeated where that helps (resilience.py). Below are the questions for tokens,
among them the one that judges refusals of the key. `until` is the end of a question's time by the
event loop's clock, waits for tokens and further attempts included.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct
from structlog.typing import FilteringBoundLogger

from app.catalogue.address import Address
from app.clock import Clock, loop_time
from app.errors import (
    Forbidden,
    OutcomeUnknown,
    Overloaded,
    Problem,
    UpstreamCredentials,
    UpstreamError,
    UpstreamInvalid,
    UpstreamProblem,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from app.observe.counters import Counters
from app.observe.trail import trail
from app.upstream.envelope import Refused, open_envelope
from app.upstream.exchange import (
    AnswerTooLarge,
    ExchangeError,
    ExchangeTimeout,
    Incoming,
    Outgoing,
    Sent,
    Shed,
)
from app.upstream.key import KeyRing
from app.upstream.lanes import Urgency
from app.upstream.resilience import Purpose, Resilience
from app.upstream.shared_tokens import SharedTokens
from app.upstream.tokens import Tokens

T = TypeVar("T")


class Question(Struct, frozen=True):
    """One call of an operation at the platform. `deadline` is in seconds, all included.

    `read` makes data of a whole answer, and raises what `open_envelope` raises.
    """

    operation: str
    parameters: Mapping[str, Any]
    changes: bool
    deadline: float
    urgency: Urgency
    read: Callable[[Incoming], Any] = open_envelope


class Reply(Struct, frozen=True):
    """The data of a successful answer, and whether the platform lets it be kept."""

    data: Any
    keepable: bool


class Platform:
    """The ads platform, as the rest of the gateway sees it."""

    def __init__(
        self,
        base_url: str,
        resilience: Resilience,
        keys: KeyRing,
        addresses: Mapping[str, Address],
        groups: Mapping[str, str],
        clock: Clock,
        counters: Counters,
        log: FilteringBoundLogger,
        *,
        token_deadline: float,
        shared_tokens: SharedTokens | None,
    ) -> None:
        self._base = base_url.rstrip("/")
        self.resilience = resilience
        self._keys = keys
        self._addresses = addresses
        self._groups = groups
        self._counters = counters
        self._log = log
        self._token_deadline = token_deadline
        self.tokens = Tokens(self._new_tokens, self._new_access, clock, shared_tokens)

    async def ask(self, question: Question, user: str) -> Reply:
        """The platform's answer to this user.

        Raises Refused when it says no, OutcomeUnknown when a change may or may not have happened,
        another UpstreamProblem when there is no answer to trust, and Forbidden when the platform
        gives this user no tokens.
        """
        until = loop_time() + question.deadline
        token = self.tokens.at_hand(user)
        if token is None:
            token = await _before(until, self.tokens.access(user))
        answer = await self._send(question, self._keys.choose(), token, user, until)
        if answer.status in {401, 403}:
            answer = await self._again(question, answer, user, token, until)
        try:
            data = question.read(answer)
        except UpstreamError as error:
            raise _failed(question, error, Sent.MAYBE, error.reason) from None
        caching = answer.headers.get("cache-control")
        return Reply(data, keepable=caching is None or "no-store" not in caching.lower())

    async def _again(
        self, question: Question, refusal: Incoming, user: str, refused: str, until: float
    ) -> Incoming:
        """A refusal of the token costs one renewal and one retry.

        401 speaks of credentials: renew once, and if it stays the key is refused. 403 is said for a
        bad token and for a lack of rights alike. A refused request was not carried out, so sending
        a change again is safe.
        """
        second = await self._with_another(question, refusal, user, refused, until)
        if second.status == 401:
            raise self._credentials_refused(question, told=second is not refusal)
        return second

    async def _with_another(
        self, question: Question, refusal: Incoming, user: str, refused: str, until: float
    ) -> Incoming:
        """The answer to another token, the refusal itself where there is no other to try.

        A 403 that nothing disproves stands: whoever lost his rights must not pass for an outage.
        """
        certain = refusal.status == 401
        try:
            other = await _before(until, self.tokens.another(user, refused, certain=certain))
            if other is None:
                return refusal
            if told := trail():
                told.retries += 1
            second = await self._send(question, self._keys.choose(), other, user, until)
        except (UpstreamUnavailable, UpstreamTimeout, UpstreamError):
            if certain:
                raise
            return refusal
        failed = second.status == 429 or second.status >= 500
        return refusal if failed and not certain and not question.changes else second

    async def _send(
        self, question: Question, key: str | None, bearer: str | None, user: str, until: float
    ) -> Incoming:
        """One request. Without a key, which is while all are refused, nothing is sent."""
        if key is None:
            raise self._credentials_refused(question, told=False)
        target = self._addresses[question.operation].fill(question.parameters)
        url = f"{self._base}{target.path}" + (f"?{target.query}" if target.query else "")
        headers = {"x-api-key": key, "accept": "application/json", "user-agent": "ads-bff"}
        if bearer is not None:
            headers["authorization"] = f"Bearer {bearer}"
        if target.body is not None:
            headers["content-type"] = "application/json"
        outgoing = Outgoing(target.method, url, headers, target.body)
        purpose = Purpose(
            question.operation,
            self._groups[question.operation],
            question.changes,
            question.urgency,
            owner=str(question.parameters.get("teamId") or user),
        )
        if loop_time() >= until:
            raise UpstreamTimeout(reason="no time left to ask")
        try:
            return await self.resilience.send(outgoing, key, purpose, until)
        except ExchangeError as error:
            raise _failed(question, _kind(error), error.sent, str(error)) from None

    async def _new_tokens(self, user: str) -> tuple[str, str]:
        """Operation 1: tokens for a user by his externalUserId and our key alone."""
        try:
            question = self._for_tokens("exchangeToken", {"externalUserId": user})
            data = _object_in(await self._with_any_key(question, user))
        except Refused as refused:
            raise _without_tokens(refused) from None
        access, refresh = data.get("accessToken"), data.get("refreshToken")
        if not isinstance(access, str) or not isinstance(refresh, str):
            raise UpstreamInvalid(reason="exchange without tokens")
        return access, refresh

    async def _new_access(self, user: str, refresh: str) -> str | None:
        """Operation 2: a new access token; None when asking for it this way leads nowhere.

        401 and 403 say that this refresh token is dead; an answer without a token is no better.
        """
        try:
            question = self._for_tokens("refreshToken", {})
            until = loop_time() + question.deadline
            key = self._keys.choose()
            data = _object_in(await self._send(question, key, refresh, user, until))
        except Refused as refused:
            if isinstance(problem := refused.problem(), UpstreamUnavailable):
                raise problem from None
            return None
        except UpstreamInvalid:
            return None
        access = data.get("accessToken")
        return access if isinstance(access, str) else None

    def _for_tokens(self, operation: str, parameters: Mapping[str, Any]) -> Question:
        self._counters.add("tokens", operation=operation)
        return Question(operation, parameters, False, self._token_deadline, Urgency.ACCESS)

    async def _with_any_key(self, question: Question, user: str) -> Incoming:
        """Send with the current key alone, and with the other one if the platform refuses that.

        Only where nothing else is carried 401 and 404 speak of the key.
        """
        until = loop_time() + question.deadline
        tried: set[str] = set()
        while (key := self._keys.choose()) is not None and key not in tried:
            tried.add(key)
            answer = await self._send(question, key, None, user, until)
            if answer.status not in {401, 404}:
                return answer
            self._keys.refuse(key)
        raise self._credentials_refused(question, told=bool(tried))

    def _credentials_refused(self, question: Question, *, told: bool) -> UpstreamCredentials:
        """`told`: by the platform just now; while it is not asked again there is nothing to tell."""
        if told:
            self._counters.add("key_refused")
            self._log.error(
                "the platform refuses our key", operation=question.operation, event_kind="alert"
            )
        return UpstreamCredentials(
            "The ads platform refused the gateway's credentials. Its operator has to act."
        )

    async def close(self) -> None:
        await self.tokens.close()
        await self.resilience.close()


def _object_in(answer: Incoming) -> dict[str, Any]:
    """The data of an answer with tokens; raises what `open_envelope` raises."""
    data = open_envelope(answer)
    if not isinstance(data, dict):
        raise UpstreamInvalid(reason="tokens are not an object")
    return data


async def _before(until: float, token: Awaitable[T]) -> T:
    """Wait for a token; what fetches it goes on for others."""
    try:
        async with asyncio.timeout_at(until):
            return await token
    except TimeoutError:
        raise UpstreamTimeout(reason="no token in time") from None


def _without_tokens(refused: Refused) -> Problem:
    """Why there are none. The question was ours: what is wrong with it is no fault of the caller's."""
    problem = refused.problem()
    if isinstance(problem, UpstreamUnavailable | Forbidden):
        return problem
    return UpstreamInvalid(reason=f"no tokens: {refused}")


def _kind(error: ExchangeError) -> UpstreamProblem:
    """A failed exchange as the asker is told of it."""
    if isinstance(error, AnswerTooLarge):
        return UpstreamInvalid(reason=str(error))
    if isinstance(error, ExchangeTimeout):
        return UpstreamTimeout(reason=str(error))
    kind = Overloaded if isinstance(error, Shed) else UpstreamUnavailable
    headers = {} if error.wait is None else {"Retry-After": str(math.ceil(error.wait))}
    return kind(reason=str(error), headers=headers)


def _failed(
    question: Question, problem: UpstreamProblem, sent: Sent, reason: str | None
) -> UpstreamProblem:
    """A change that may have been sent has an unknown outcome, whatever went wrong afterwards."""
    if question.changes and sent is not Sent.NO:
        return OutcomeUnknown(
            "The change was sent and its outcome is not known. Look at the present state before "
            "you try again.",
            reason=reason,
        )
    return problem
