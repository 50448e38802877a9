"""What an open stream costs: little while nothing happens, and less when nothing can be known."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from app.catalogue.composed import Piece
from app.catalogue.dashboard import StreamDashboard
from app.catalogue.dashboard_shapes import Dashboard
from app.gateway import following, streaming
from app.testing.world import API, Browser, World
from tests.harness import asking

from .asks import PATH, days, stream


@pytest.mark.timeout(30)
def test_silence_is_broken_while_nothing_can_be_decided(strict_world: World) -> None:
    """In a long outage nothing is told, but the connection does not look dead to those on the way."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.fault("*", "status", status=500, times=None)
        strict_world.advance(1000)  # longer than the last decision is believed
        assert opened.event() == ("", "ping")


@pytest.mark.holds(84)
def test_an_outage_is_not_met_with_a_question_at_every_look(
    strict_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may is asked ever more seldom while the platform does not answer."""
    monkeypatch.setattr(following, "LOOK", 0.05)
    monkeypatch.setattr(following, "SILENCE", 1.0)
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.fault("*", "status", status=500, times=None)
        strict_world.advance(90)
        opened.until("")
        strict_world.forget_calls()
        opened.until("")
        assert len(strict_world.calls("getTeam")) < 10  # in 20 looks, second attempts included


@pytest.mark.holds(91)
def test_good_bye_does_not_wait_for_the_platform(strict_world: World) -> None:
    """The gateway stops while it asks whether the caller may: the stream ends in order all the same."""
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        strict_world.fault("getTeam", "latency", seconds=8, times=None)
        strict_world.forget_calls()
        strict_world.advance(61)
        while not strict_world.calls("getTeam"):
            pass
        strict_world.gateway.stop()
        assert opened.rest()[-1] == ("bye", {"reason": "drain", "problem": None})


def test_while_nothing_comes_nothing_is_put_together(
    strict_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look at what did not change costs no arithmetic: there can be a thousand streams."""
    monkeypatch.setattr(following, "LOOK", 0.05)
    monkeypatch.setattr(following, "SILENCE", 0.5)
    composed = []
    compose = StreamDashboard.compose

    def counted(self: StreamDashboard, pieces: Mapping[str, Piece]) -> Dashboard:
        composed.append(pieces)
        return compose(self, pieces)

    monkeypatch.setattr(StreamDashboard, "compose", counted)
    ben = strict_world.sign_in("ben")
    with stream(ben, days(strict_world, 7)) as opened:
        opened.ready()
        composed.clear()
        opened.until("")
        assert composed == []


@pytest.mark.holds(76)
def test_a_write_whose_end_nobody_saw_may_still_be_news(strict_world: World) -> None:
    """What was read while it was open may be of before: it is not taken for fresh."""
    ben, ana = strict_world.sign_in("ben"), strict_world.sign_in("ana")
    with stream(ben, days(strict_world, 7) | {"parts": "campaigns"}) as opened:
        before = opened.ready()["campaigns"]
        strict_world.fault("updateCampaignStatus", "reset")
        path = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
        assert ana.api("PATCH", path, json={"status": "PAUSED"}).status_code == 504
        told = opened.until("parts")[1]["campaigns"]
        assert told["data"] == before["data"]
        strict_world.sandbox.world.set_status("cmp_1001_1", "PAUSED")  # late, and all the same
        strict_world.advance(10)  # not long enough for the list to become old
        silent = 0
        while _status(told) != "PAUSED":
            name, news = opened.event()
            silent += name == ""
            assert silent < 2, "it was not told"
            told = news["campaigns"] if name == "parts" else told


@pytest.mark.holds(87)
def test_who_leaves_before_anything_was_told_leaves_his_place(
    strict_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once, and not when the slow platform has answered."""
    monkeypatch.setattr(streaming, "MOST_PER_USER", 1)
    ben = strict_world.sign_in("ben")
    ben.read(PATH, **days(strict_world, 7))
    strict_world.fault("getInsights", "latency", seconds=9, times=None)
    month = days(strict_world, 28) | {"parts": "totals"}
    with asking(ben, "GET", f"{PATH}/stream?{urlencode(month)}"):
        while not strict_world.parts.streams.open:
            time.sleep(0.002)
    left = time.monotonic()
    while strict_world.parts.streams.open:
        assert time.monotonic() - left < 6, "the place is still taken"
        time.sleep(0.002)


@pytest.mark.timeout(30)
def test_who_reads_nothing_any_more_leaves_his_place(
    strict_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader who neither reads nor goes away holds no stream for ever."""
    monkeypatch.setattr(streaming, "MOST_PER_USER", 1)
    monkeypatch.setattr(streaming, "STUCK", 0.2)
    monkeypatch.setattr(following, "format_sse_event", _huge)
    ben = strict_world.sign_in("ben")
    week = days(strict_world, 7)
    with _unread(strict_world, ben, week):
        while ben.api("HEAD", f"{PATH}/stream", params=week).status_code != 429:
            pass
        while ben.api("HEAD", f"{PATH}/stream", params=week).status_code == 429:
            pass


def _huge(**_: Any) -> bytes:
    """More than any buffer on the way holds."""
    return b":" + b"x" * 16_000_000 + b"\n\n"


def _unread(world: World, browser: Browser, asked: dict[str, str]) -> socket.socket:
    """A connection on which a stream was asked for, and nothing is read."""
    host, _, port = world.origin.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)))
    lines = (
        f"GET {API}{PATH}/stream?{urlencode(asked)} HTTP/1.1",
        f"Host: {host}:{port}",
        f"Cookie: bff-dev={browser.session_cookie}",
        "X-BFF: 1",
        "Sec-Fetch-Site: same-origin",
    )
    connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
    return connection


def _status(part: Any) -> str:
    (found,) = (one["status"] for one in part["data"]["items"] if one["campaignId"] == "cmp_1001_1")
    return str(found)
