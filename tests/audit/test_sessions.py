"""Who signed in and out is in the audit, and nobody waits for it."""

from __future__ import annotations

import json

import pytest

from .conftest import Audited


@pytest.mark.holds(16)
def test_in_and_out(audited: Audited) -> None:
    """Beginning and end of a session, and why it ended."""
    ben = audited.world.sign_in("ben")
    assert ben.post("/auth/logout").status_code == 200
    assert audited.lines("session-started") == [{"who": "ben"}]
    assert audited.lines("session-ended") == [{"who": "ben", "reason": "logout"}]


def test_how_sessions_end(audited: Audited) -> None:
    """From another session, and by signing in again in the same browser."""
    here, there = audited.world.sign_in("ben"), audited.world.sign_in("ben")
    assert here.delete("/auth/sessions").status_code == 204
    here.sign_in("cleo")
    ended = audited.lines("session-ended", 2)
    assert [(line["who"], line["reason"]) for line in ended] == [
        ("ben", "ended from another session"),
        ("ben", "replaced by a sign-in"),
    ]
    assert there.get("/auth/session").status_code == 401


def test_a_sign_in_that_comes_to_nothing(audited: Audited) -> None:
    """Why, and nobody's name: what was sent is not repeated."""
    browser = audited.world.browser()
    answer = browser.get("/auth/callback?code=canary&state=canary")
    assert answer.status_code == 401
    assert audited.lines("session-refused") == [
        {"code": "unauthenticated", "reason": "no open login of that state in this browser"}
    ]
    assert audited.lines("session-started", 0) == []


def test_an_order_that_is_not_good(audited: Audited) -> None:
    """The reason alone."""
    token = {"logout_token": "canary"}
    answer = audited.world.browser().post("/auth/backchannel-logout", data=token)
    assert answer.status_code == 400
    (line,) = audited.lines("logout-refused")
    assert set(line) == {"reason"}


@pytest.mark.holds(15)
def test_a_full_disk_keeps_nobody_from_signing_out(audited: Audited) -> None:
    """The session has ended; the log says that the audit lacks something."""
    ben = audited.world.sign_in("ben")
    audited.lines("session-started")
    moved = audited.path.rename(audited.path.with_suffix(".1"))
    audited.path.mkdir()
    assert ben.post("/auth/logout").status_code == 200
    assert ben.get("/auth/session").status_code == 401
    while not (said := [line for line in _log(audited) if line["event"] == MISSING]):
        pass
    assert said[0]["level"] == "error"
    audited.path.rmdir()
    moved.rename(audited.path)


MISSING = "something is not in the audit"


def _log(audited: Audited) -> list[dict[str, str]]:
    return [json.loads(line) for line in audited.world.log.getvalue().splitlines()]
