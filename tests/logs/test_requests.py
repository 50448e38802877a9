"""The one line of a request: what it was, what it cost, and whose it was without naming him."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx
import pytest

from app.observe.logs import FIELDS, Lines, log_to, make_log
from app.observe.requests import Written
from app.settings import LogFormat, LogSettings
from app.testing.world import World
from tests.cache.reads import CAMPAIGNS, TEAM

LINE = Written(
    "listTeams",
    "GET",
    200,
    1.5,
    0,
    "request-1",
    "info",
    datetime(2026, 1, 5, tzinfo=UTC),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines_of(world: World, answer: httpx.Response) -> list[dict[str, Any]]:
    """What was written in the course of a request, its own line last; that one comes after the answer."""
    while True:
        lines = [json.loads(line) for line in world.log.getvalue().splitlines()]
        mine = [one for one in lines if one.get("request_id") == answer.headers["x-request-id"]]
        if mine and mine[-1]["event"] == "request":
            return mine


def line_of(world: World, answer: httpx.Response) -> dict[str, Any]:
    return lines_of(world, answer)[-1]


def test_a_miss_and_a_hit(strict_world: World) -> None:
    """A miss says how many calls it took; both say whose they are, in the same words."""
    ben = strict_world.sign_in("ben")
    missed = ben.api("GET", CAMPAIGNS)
    miss, hit = line_of(strict_world, missed), line_of(strict_world, ben.api("GET", CAMPAIGNS))
    for line in (miss, hit):
        assert line.pop("ms") >= 0
        assert line.pop("timestamp")
    assert miss == {
        "event": "request",
        "level": "info",
        "operation": "listCampaigns",
        "method": "GET",
        "status": 200,
        "cache": missed.headers["cache-status"],
        "calls": 4,
        "actor": miss["actor"],
        "request_id": missed.headers["x-request-id"],
    }
    assert (hit["calls"], hit["actor"]) == (0, miss["actor"])
    assert line_of(strict_world, ben.get("/auth/session"))["actor"] == miss["actor"]
    other = strict_world.sign_in("cleo").api("GET", CAMPAIGNS)
    assert line_of(strict_world, other)["actor"] != miss["actor"]


@pytest.mark.holds(10)
def test_nobody_and_no_address_is_named(strict_world: World) -> None:
    """Neither ids nor queries, whatever was asked; session routes are named as operations are."""
    ben = strict_world.sign_in("ben")
    ben.api("GET", CAMPAIGNS)
    ben.api("PATCH", f"/teams/{TEAM}", json={"name": "canary"})
    ben.get("/nowhere/canary?canary=canary")
    answer = ben.post("/auth/logout")
    assert line_of(strict_world, answer)["operation"] == "logout"
    said = strict_world.log.getvalue()
    for name in ("canary", "ben", "acme", "act_1001", "?", "/api", "eyJ"):
        assert name not in said, name


@pytest.mark.holds(58)
def test_every_line_of_a_request_has_its_id(strict_world: World) -> None:
    """What was refused, and the request that was answered with it, belong together."""
    ben = strict_world.sign_in("ben")
    refused, asked = lines_of(strict_world, ben.api("GET", "/teams/team-globex-shop"))
    assert (refused["event"], asked["status"]) == ("access refused", 404)
    assert refused["actor"] == asked["actor"]


def test_what_another_fetches_is_counted_once(strict_world: World) -> None:
    """A call belongs to the request that it was sent for, attempts and renewed tokens included."""
    ben = strict_world.sign_in("ben")
    ben.api("GET", CAMPAIGNS)
    strict_world.forget_calls()
    strict_world.fault("getCampaigns", "status", status=500, times=1)
    answer = ben.api("GET", f"{CAMPAIGNS}&fields=objective")
    assert line_of(strict_world, answer)["calls"] == len(strict_world.calls()) == 2


def test_what_is_below_the_level_is_not_written() -> None:
    """Whoever tells of it, the library's logger or the lines themselves."""
    stream = io.StringIO()
    lines = Lines(LogSettings(level="WARNING"), stream)
    lines.tell(LINE)
    log_to(lines).info("changed")
    assert stream.getvalue() == ""
    log_to(lines).warning("odd rows", token="canary", dropped=1)
    written = json.loads(stream.getvalue())
    assert written.pop("timestamp").endswith("Z")
    assert written == {"event": "odd rows", "level": "warning", "dropped": 1}


def test_a_request_is_told_with_fields_of_the_list() -> None:
    """What is written without looking at the list has nothing that is not on it."""
    assert set(Written.__struct_fields__) <= FIELDS


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_what_there_is_nothing_of_is_left_out(stream: io.StringIO) -> None:
    """For programs and for people."""
    Lines(LogSettings(), stream).tell(LINE)
    written = stream.getvalue()
    assert "listTeams" in written
    assert "trace_id" not in written
    assert "None" not in written


@pytest.mark.parametrize("form", [LogFormat.CONSOLE, None])
def test_a_terminal_gets_readable_lines(form: LogFormat | None) -> None:
    """With the same fields; a stack trace below, and never one of what is not on the list."""
    stream = Terminal()
    log = make_log(LogSettings(format=form), stream)
    try:
        int("why")
    except ValueError:
        log.exception("unexpected error", status=500, reason=ValueError("why"), token="canary")
    first, *below = stream.getvalue().splitlines()
    assert "unexpected error" in first
    assert "canary" not in first
    assert below[-1].startswith("ValueError: ")
