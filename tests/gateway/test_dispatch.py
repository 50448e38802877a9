"""Dispatch: from a path to its operation, the same way as the framework's own router would choose."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.routing import Match
from starlette.types import Message

from app.catalogue.operations import BUILT_IN
from app.gateway.dispatch import Directory
from app.gateway.prefix import API
from app.gateway.routes import DeclaredRoute
from app.main import create_app
from app.testing.world import World, settings_for, world

# What stands for parameters, the literal segments of other templates among them.
LITERALS = sorted({part for op in BUILT_IN.operations for part in op.path.split("/") if part})
SEGMENTS = st.sampled_from([*LITERALS, "act_1001", "a b", "ü", "..", "%2e", ""])
METHODS = st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])


@pytest.fixture(scope="module")
def running() -> Iterator[World]:
    with world() as one:
        yield one


@pytest.fixture(scope="module")
def routes(running: World) -> list[DeclaredRoute]:
    return [r for r in running.gateway.app.routes if isinstance(r, DeclaredRoute)]


@pytest.fixture(scope="module")
def directory(routes: list[DeclaredRoute]) -> Directory:
    return Directory(route.entrance for route in routes)


def by_the_framework(
    routes: list[DeclaredRoute], path: str, method: str
) -> tuple[str, dict[str, str]] | None:
    """What the router chooses: the first full match; where only the method differs, that path."""
    scope = {"type": "http", "path": path, "method": method, "root_path": ""}
    partial = None
    for route in routes:
        match, more = route.matches(scope)
        if match is Match.FULL:
            return route.operation.id, more["path_params"]
        if match is Match.PARTIAL and partial is None:
            partial = "none of its methods", more["path_params"]
    return partial


def by_the_directory(
    directory: Directory, path: str, method: str
) -> tuple[str, dict[str, str]] | None:
    found = directory.find(path, method)
    if found is None:
        return None
    route, values = found
    fits = route.operation.method == method
    return route.operation.id if fits else "none of its methods", dict(values)


@given(segments=st.lists(SEGMENTS, max_size=9), method=METHODS)
@settings(max_examples=300, deadline=None)
def test_any_path_leads_where_the_framework_leads_it(
    routes: list[DeclaredRoute], directory: Directory, segments: list[str], method: str
) -> None:
    """Whatever is asked for, both choose the same operation and read the same parameters."""
    for path in ("/" + "/".join(segments), API + "/" + "/".join(segments)):
        expected = by_the_framework(routes, path, method)
        found = by_the_directory(directory, path, method)
        assert found == expected or _only_names_differ(found, expected)


@given(values=st.lists(SEGMENTS.filter(bool), min_size=9, max_size=9), method=METHODS)
@settings(max_examples=50, deadline=None)
def test_every_template_leads_where_the_framework_leads_it(
    routes: list[DeclaredRoute], directory: Directory, values: list[str], method: str
) -> None:
    """Each declared path, filled with whatever, be it the literal segments of its neighbours."""
    for route in routes:
        given = iter(values)
        path = re.sub(r"\{\w+\}", lambda _, given=given: next(given), route.path)  # type: ignore[misc]
        for asked in (route.operation.method, method):
            expected = by_the_framework(routes, path, asked)
            found = by_the_directory(directory, path, asked)
            assert found == expected or _only_names_differ(found, expected), (path, asked)


def _only_names_differ(
    found: tuple[str, dict[str, str]] | None, expected: tuple[str, dict[str, str]] | None
) -> bool:
    """Of a path that is answered by other methods only, nobody reads the parameters."""
    return bool(found and expected and found[0] == expected[0] == "none of its methods")


def test_what_is_not_declared_is_the_frameworks(running: World) -> None:
    """Paths beside the declared ones are answered, or not found, as before."""
    browser = running.browser()
    assert browser.get("/healthz").status_code == 200
    assert browser.get(f"{API}/nothing").json()["code"] == "not-found"
    assert browser.get(f"{API}//teams").status_code == 404


def test_mounted_somewhere() -> None:
    """Under a root path the declared operations are found as all others are."""
    app = create_app(
        settings_for("http://127.0.0.1:1", "http://localhost:8000"), log_stream=StringIO()
    )

    async def status_of(path: str) -> int:
        told: list[Message] = []

        async def send(message: Message) -> None:
            told.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "/ads",
            "headers": [(b"host", b"localhost")],
            "state": {},
        }
        await app(scope, receive, send)
        return int(told[0]["status"])

    for path in (f"/ads{API}/teams/team-acme-brand", "/ads/auth/session"):
        assert asyncio.run(status_of(path)) == 401
