"""Secrets stay inside: a long journey through success, faults and errors, with everything collected."""

from __future__ import annotations

import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2 as httpx
import pytest
from opentelemetry import trace

from app.catalogue.composed import Live
from app.catalogue.operation import Operation
from app.commands.described import documents
from app.sandbox.authorization import Codes, Grant
from app.sandbox.faults import KINDS
from app.session.cookies import CookieRules
from app.testing.world import API_KEY, Browser, World, world
from tests.proxy.asks import OPERATIONS, READS, WHO, ask_of

# Not our libraries, but the test's own.
OURS = {"app", "tests", "pytest", "_pytest", "hypothesis", "schemathesis", "xdist", "execnet"}
FACTS = ("getTeam", "getTeamConnections", "getWorkspace", "getWorkspaceTeams")
Operations = tuple[type[Operation[Any]], ...]
# Enough to meet every kind of read and write while everything fails.
SOME = (*READS, *(one for one in OPERATIONS if one.id in {"renameTeam", "assignTeamMembers"}))
PAGES = ("/", "/docs", "/openapi.json", "/healthz", "/readyz", "/auth/session", "/nowhere")


@contextmanager
def all_logs() -> Iterator[io.StringIO]:
    """What the libraries say at DEBUG, as text with tracebacks; the test's own client aside."""
    said, here = io.StringIO(), threading.get_ident()
    handler = logging.StreamHandler(said)
    handler.addFilter(lambda record: record.thread != here)
    # A child without a level of its own and without handlers hands everything to these.
    libraries = {name.partition(".")[0] for name in logging.root.manager.loggerDict} - OURS
    loggers = [logging.getLogger(name) for name in ("", *sorted(libraries))]
    before = [(logger, logger.level, logger.handlers, logger.propagate) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        logger.handlers = [handler]
        logger.propagate = False
    try:
        yield said
    finally:
        for logger, level, handlers, propagate in before:
            logger.setLevel(level)
            logger.handlers, logger.propagate = handlers, propagate


class Collected:
    """Everything that came back, as text: status line, headers and content."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def keep(self, answer: httpx.Response) -> httpx.Response:
        headers = [f"{name}: {value}" for name, value in answer.headers.multi_items()]
        self.texts.append("\n".join([str(answer.status_code), *headers, answer.text]))
        return answer


def _journey(running: World, browser: Browser, kept: Collected) -> None:
    """Every page, and every operation: with success, with each fault on it and on its facts."""
    for page in PAGES:
        kept.keep(browser.get(page))
    for kind in KINDS:
        running.advance(61)
        running.fault("updateTeamName", kind, times=None)
        kept.keep(browser.api("PATCH", "/teams/team-acme-brand", json={"name": "Renamed"}))
        running.heal()
        running.fault("*", kind, times=None)
        _ask_all(browser, kept, SOME)
        running.heal()
    for fact in FACTS:
        running.advance(61)
        running.fault(fact, "status", status=200, body=f'{{"success":true,"data":"{API_KEY}"}}')
        _ask_all(browser, kept, SOME)
        running.heal()
    running.advance(61)
    _ask_all(browser, kept)
    for path in ("/api/v1/teams/%00", "/api/v1/teams/..%2f", "/api/v1/workspaces/acme?x=1"):
        kept.keep(browser.get(path))
    browser.cookies.delete("bff-dev")
    _ask_all(browser, kept)


def _ask_all(browser: Browser, kept: Collected, operations: Operations = OPERATIONS) -> None:
    # Those that end something come last, so that the others still find what they need.
    for operation in sorted(operations, key=lambda one: one.method in {"PUT", "DELETE"}):
        ask = ask_of(operation)
        if issubclass(operation, Live):
            kept.keep(browser.opened(ask.target))
        else:
            kept.keep(browser.api(ask.method, ask.target, json=ask.body))


@contextmanager
def redeemed() -> Iterator[list[tuple[str, str]]]:
    """The authorization codes that reach the sandbox's provider, each with its PKCE verifier."""
    told: list[tuple[str, str]] = []
    redeem = Codes.redeem

    def listening(self: Codes, code: str, redirect_uri: str, verifier: str) -> Grant:
        told.append((code, verifier))
        return redeem(self, code, redirect_uri, verifier)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Codes, "redeem", listening)
        yield told


def _secrets(running: World, browser: Browser) -> dict[str, str]:
    """All that must not be seen, as the parts hold it now."""
    tokens = running.parts.platform.tokens
    pair = tokens._pairs[WHO]
    return {
        "platform key": API_KEY,
        "access token": pair.access,
        "refresh token": pair.refresh,
        "client secret": "sandbox-secret",
        "session id": browser.session_cookie,
    }


@pytest.mark.holds(8, 10, 27)
def test_no_secret_is_seen_anywhere() -> None:
    """Key, tokens, codes, PKCE verifiers and session ids: in no answer, page, log line or repr."""
    kept = Collected()
    with all_logs() as said, redeemed() as told, world(log={"level": "DEBUG"}) as running:
        browser = running.browser()
        login = browser.get("/auth/login", params={"returnTo": "/"})
        kept.keep(login)
        back = browser.choose(login.headers["location"], WHO)
        browser.follow(back)
        browser.read("/teams/team-acme-brand")
        ((code, verifier),) = told
        secrets = _secrets(running, browser) | {"code": code, "PKCE verifier": verifier}
        _journey(running, browser, kept)
        parts = repr(running.parts) + repr(running.parts.platform.__dict__)
        seen = {
            "answers": "\n".join(kept.texts),
            "log": running.log.getvalue(),
            "libraries' logs": said.getvalue(),
            "repr": parts + "".join(repr(getattr(running.parts, name)) for name in _names(running)),
            "documents": "".join(documents().values()),
        }
    assert len(kept.texts) > 150
    assert {text[:3] for text in kept.texts} >= {
        "200",
        "201",
        "401",
        "404",
        "422",
        "502",
        "503",
        "504",
    }
    assert all(seen.values())
    assert "send_request_headers" in seen["libraries' logs"]
    assert [
        (secret, where)
        for secret, value in secrets.items()
        for where, text in seen.items()
        if value in text
    ] == []
    for where in ("answers", "log", "libraries' logs", "repr"):
        # The parts of a JWT, in case somebody cut one.
        assert "eyJ" not in seen[where], where
        assert "x-api-key" not in seen[where].lower(), where


class Listening(trace.TracerProvider):
    """A tracer provider of the operator's, which hears of every span with its attributes."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def get_tracer(self, *_args: object, **_options: object) -> trace.Tracer:
        return ListeningTracer(self.heard)


class ListeningTracer(trace.NoOpTracer):
    """Writes the spans down."""

    def __init__(self, heard: list[str]) -> None:
        self.heard = heard

    def start_span(self, name: str, *args: Any, **options: Any) -> trace.Span:
        self.heard.append(f"{name} {args} {options}")
        return super().start_span(name, *args, **options)


@pytest.mark.holds(27)
def test_traces_hold_no_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an operator has set OpenTelemetry up, no span shows the query of the callback."""
    provider = Listening()
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    with redeemed() as told, world() as running:
        running.sign_in("ana")
    ((code, _),) = told
    assert [span for span in provider.heard if code in span or "/auth/" in span] == []


def _names(running: World) -> list[str]:
    return list(type(running.parts).__dataclass_fields__)


@pytest.mark.holds(8, 27)
def test_only_the_callback_sets_the_session_cookie(strict_world: World) -> None:
    """The session id leaves once, as an HttpOnly cookie; no answer shows it or any token again."""
    browser = strict_world.browser()
    callback = browser.sign_in("ben")
    name = CookieRules.of(strict_world.origin).session
    lines = [
        line for line in callback.headers.get_list("set-cookie") if line.startswith(name + "=")
    ]
    assert len(lines) == 1
    assert browser.session_cookie in lines[0]
    for path in ("/auth/session", "/api/v1/teams/team-acme-brand", "/"):
        answer = browser.get(path)
        assert browser.session_cookie not in f"{answer.headers} {answer.text}"
        assert "set-cookie" not in answer.headers


@pytest.mark.holds(27)
def test_an_unexpected_error_says_nothing_of_itself(strict_world: World) -> None:
    """A bug answers 500 as a problem without its message; the log has it under the request id."""

    async def broken(scope, receive, send):  # type: ignore[no-untyped-def]  # plain ASGI
        raise RuntimeError("inner-canary")

    strict_world.gateway.app.router.mount("/broken", broken)
    answer = strict_world.browser().get("/broken/x")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "inner-canary" not in answer.text
    assert "RuntimeError" not in answer.text
    line = next(text for text in strict_world.log.getvalue().splitlines() if "inner-canary" in text)
    assert answer.json()["requestId"] in line
