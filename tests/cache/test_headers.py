"""What a reader is told about the answer: Cache-Status, Age, ETag, and 304 when he has it already."""

from __future__ import annotations

import re

import pytest

from app.testing.world import Browser, World
from tests.cache.reads import CAMPAIGNS, MEMBERS, TEAM

# RFC 9211: one member of an RFC 8941 list, its parameters with token or integer values. `hit` and
# `fwd` exclude each other (section 2.2), and the `ttl` of what is stale is negative (section 2.4).
CACHE_STATUS = re.compile(
    r"bff(?:; hit; ttl=\d+|; hit; ttl=-\d+; detail=stale|; fwd=miss(?:; stored)?)", re.ASCII
)


@pytest.mark.holds(80)
def test_cache_status_and_age_tell_how_and_how_old(shared_world: World, ben: Browser) -> None:
    """A miss is stored, a hit counts its freshness down and its age up, a stale one says so."""
    shared_world.parts.cache.store.clear()
    told = []
    for seconds in (0, 0, 10, 21):
        shared_world.advance(seconds)
        answer = ben.api("GET", MEMBERS)
        assert CACHE_STATUS.fullmatch(answer.headers["cache-status"])
        told.append((answer.headers["cache-status"], answer.headers["age"]))
    assert told[0] == ("bff; fwd=miss; stored", "0")
    assert told[1][0] in {"bff; hit; ttl=29", "bff; hit; ttl=30"}
    assert told[2][0] in {"bff; hit; ttl=19", "bff; hit; ttl=18"}
    assert told[2][1] in {"10", "11"}
    assert told[3][0] in {f"bff; hit; ttl=-{late}; detail=stale" for late in (1, 2)}
    assert told[3][1] in {"31", "32"}


def etag_of(browser: Browser, path: str = CAMPAIGNS) -> str:
    etag: str = browser.api("GET", path).headers["etag"]
    assert re.fullmatch(r'W/"[A-Za-z0-9_-]+"', etag)
    return etag


@pytest.mark.holds(80)
@pytest.mark.parametrize(
    "form",
    ["{0}", "{1}", '"other", {0}', '{0} , W/"other"', '"a,b",{1}', "*"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_has_it_already_gets_304(ben: Browser, form: str, method: str) -> None:
    """If-None-Match compares weakly, takes lists and `*`, and answers without a body."""
    etag = etag_of(ben)
    asked = form.format(etag, etag.removeprefix("W/"))
    answer = ben.api(method, CAMPAIGNS, headers={"If-None-Match": asked})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == etag
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["vary"] == "Cookie, Authorization, Accept-Encoding"
    assert "content-type" not in answer.headers
    assert CACHE_STATUS.fullmatch(answer.headers["cache-status"])


@pytest.mark.holds(80)
@pytest.mark.parametrize(
    "form", ['"other"', 'W/"other"', "{2}", '"{2}', "W/", "", '"*"', "garbage"]
)
def test_who_has_another_gets_the_answer(ben: Browser, form: str) -> None:
    """Another ETag, or what is none, never hides an answer."""
    etag = etag_of(ben)
    asked = form.format(etag, "", etag.removeprefix("W/").strip('"'))
    answer = ben.api("GET", CAMPAIGNS, headers={"If-None-Match": asked})
    assert answer.status_code == 200
    assert answer.json()["items"]


@pytest.mark.holds(80)
def test_head_is_get_without_its_content(ben: Browser) -> None:
    """The same headers, the length included, and no body."""
    got, head = ben.api("GET", CAMPAIGNS), ben.api("HEAD", CAMPAIGNS)
    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-type", "content-length", "cache-control", "vary"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.holds(80)
def test_the_same_data_has_the_same_etag_and_other_data_another(
    shared_world: World, ben: Browser
) -> None:
    """Fetched again, unchanged data is still 304; after a change it is not; pages have their own."""
    before = etag_of(ben)
    assert etag_of(ben, f"{CAMPAIGNS}&limit=2") not in {
        before,
        etag_of(ben, f"{CAMPAIGNS}&limit=3"),
    }
    shared_world.parts.cache.store.clear()
    answer = ben.api("GET", CAMPAIGNS, headers={"If-None-Match": before})
    assert answer.status_code == 304
    assert answer.headers["cache-status"] == "bff; fwd=miss; stored"
    path = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001"
    assert ben.api("PATCH", path, json={"status": "PAUSED"}).status_code == 200
    answer = ben.api("GET", CAMPAIGNS, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["etag"] != before


@pytest.mark.holds(71, 80)
def test_a_problem_is_never_kept_by_anyone(ben: Browser) -> None:
    """No ETag, no Age, no Cache-Status, and `no-store`, whatever the caller says he has."""
    path = "/teams/team-globex-shop/members"
    answer = ben.api("GET", path, headers={"If-None-Match": "*"})
    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"
    assert not {"etag", "age", "cache-status"} & set(answer.headers)
