"""The TypeScript client in a program of its own: against small servers, and against the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from app.testing.world import World, world
from tests.clients.typescript import Done, run

USERS = ("ben", "cleo", "dora")


@pytest.fixture(scope="module")
def stage() -> Iterator[World]:
    with world() as running:
        yield running


def vitest(folder: str, **environment: str) -> Done:
    """The tests of one folder, one file after another."""
    options = ["--no-file-parallelism", "--no-color"]
    return run("vitest", "vitest.mjs", "run", f"test/{folder}", *options, environment=environment)


def test_the_client_keeps_its_own_promises() -> None:
    """Headers, errors, retries, lists, the parser and the waits of streams, without a gateway."""
    done = vitest("local")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_client_serves_with_the_gateway(stage: World) -> None:
    """Reads, writes, problems and streams through the real gateway, as a page's session has them."""
    browsers = {user: stage.sign_in(user) for user in USERS}
    cookies = {user: f"bff-dev={one.session_cookie}" for user, one in browsers.items()}
    told = {
        "origin": stage.origin,
        "sandbox": stage.sandbox_server.origin,
        "cookies": cookies | {"nobody": "bff-dev=unknown"},
    }
    done = vitest("gateway", BFF_STAGE=json.dumps(told))
    assert done.returncode == 0, done.stdout + done.stderr
