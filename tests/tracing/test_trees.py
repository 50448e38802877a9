"""The spans of a request: which there are, how they hang together, and what they say."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from app.observe.trail import Attribute, Step
from app.testing.world import API
from tests.cache.reads import CAMPAIGNS, TEAM
from tests.harness import reads_together
from tests.money.asks import spend

from .spans import Traced, Tree, said_by, traced

DOCUMENT = Path(__file__).parents[2] / "docs" / "tracing.md"
ROUTE = f"{API}/teams/{{teamId}}/meta/campaigns"


@pytest.fixture
def running() -> Iterator[Traced]:
    with traced() as tracing:
        yield tracing


def flat(tree: Tree) -> list[str]:
    name, below = tree
    return [name, *(title for one in below for title in flat(one))]


def test_a_miss(running: Traced) -> None:
    """Access asks for facts, the first of them for a token; then the answer is fetched."""
    ben = running.sign_in("ben")
    assert ben.api("GET", CAMPAIGNS).status_code == 200
    assert running.tree() == (
        f"GET {ROUTE}",
        [
            (
                "access",
                [
                    ("token", [("upstream exchangeToken", [])]),
                    ("upstream getTeam", []),
                    ("upstream listTeamConnections", []),
                ],
            ),
            ("cache miss", [("upstream listCampaigns", [])]),
        ],
    )
    (root,) = running.requests()
    assert said_by(root) == {
        "http.request.method": "GET",
        "http.route": ROUTE,
        "http.response.status_code": 200,
        "url.scheme": "http",
    }
    (asked,) = [span for span in running.spans if "listCampaigns" in str(said_by(span))]
    assert asked.kind is SpanKind.CLIENT
    assert said_by(asked) == {
        "bff.operation": "listCampaigns",
        "bff.upstream.attempt": 1,
        "bff.upstream.outcome": "answered",
        "http.response.status_code": 200,
    }


def test_hits_and_stale_answers(running: Traced) -> None:
    """A hit asks nobody; what a stale answer sets off in the background hangs below it."""
    ben = running.sign_in("ben")
    headers = {"Range": "bytes=0-"}  # too unusual to be known by heart
    assert ben.api("GET", CAMPAIGNS, headers=headers).status_code == 200
    running.requests(1)
    running.forget()
    assert ben.api("GET", CAMPAIGNS, headers=headers).status_code == 200
    assert running.tree() == (f"GET {ROUTE}", [("access", []), ("cache hit", [])])
    running.world.advance(70)
    assert ben.api("GET", f"{CAMPAIGNS}&fields=objective").status_code == 200
    running.requests(2)
    running.forget()
    assert ben.api("GET", CAMPAIGNS, headers=headers).status_code == 200
    while not any(span.name == "upstream" for span in running.spans):
        pass
    assert running.tree() == (
        f"GET {ROUTE}",
        [("access", []), ("cache stale", [("upstream listCampaigns", [])])],
    )


def test_what_is_known_by_heart_leaves_none(running: Traced) -> None:
    """A recalled answer is as cheap as without tracing: it has no span."""
    ben = running.sign_in("ben")
    for _ in range(5):
        assert ben.api("GET", CAMPAIGNS).status_code == 200
    assert ben.get("/healthz").status_code == 200
    # The second one found it kept, and noted what it rests on.
    assert [span.name for span in running.requests(3)] == [f"GET {ROUTE}"] * 2 + ["GET /healthz"]


def test_a_write(running: Traced) -> None:
    """Its access is decided on facts of now, and it is sent once."""
    ben = running.sign_in("ben")
    assert spend(ben, "key-12345678").status_code == 201
    name, below = running.tree()
    assert name == f"POST {ROUTE}/traffic"
    assert below[0][0] == "access"
    assert flat((name, below)).count("upstream createTrafficCampaign") == 1


@pytest.mark.holds(83)
def test_every_attempt_is_a_span(running: Traced) -> None:
    """An error of the platform's is an answer, a broken connection is none; the request fails."""
    ben = running.sign_in("ben")
    assert ben.api("GET", CAMPAIGNS).status_code == 200
    running.world.fault("getCampaigns", "reset", times=1)
    running.world.fault("getCampaigns", "status", status=500, times=None)
    running.requests(1)
    running.forget()
    assert ben.api("GET", f"{CAMPAIGNS}&fields=objective").status_code == 502
    (root,) = running.requests()
    attempts = [said_by(span) for span in running.spans if span.name == "upstream"]
    assert [one["bff.upstream.attempt"] for one in attempts] == [1, 2, 3]
    outcomes = [
        (one["bff.upstream.outcome"], one.get("http.response.status_code")) for one in attempts
    ]
    assert outcomes == [("failed", None), ("answered", 500), ("answered", 500)]
    assert attempts[0]["error.type"] == "ExchangeError"
    assert root.status.status_code is StatusCode.ERROR
    assert said_by(root)["error.type"] == "upstream-error"


def test_a_refusal_is_no_error(running: Traced) -> None:
    """It says which rule was not met, and its code."""
    ben = running.sign_in("ben")
    assert ben.api("GET", "/teams/team-globex-shop").status_code == 404
    (root,) = running.requests()
    (access,) = [span for span in running.spans if span.name == "access"]
    assert said_by(access)["bff.access"] == "refused: team"
    assert said_by(access)["error.type"] == said_by(root)["error.type"] == "not-found"
    assert {span.status.status_code for span in (root, access)} == {StatusCode.UNSET}


def test_who_is_not_served_has_a_span_without_a_route(running: Traced) -> None:
    """Neither a path that leads nowhere nor a method that nobody knows is repeated."""
    browser = running.world.browser()
    assert browser.request("PURGE", "/nowhere/canary").status_code in {404, 405}
    (root,) = running.requests()
    assert root.name == "HTTP"
    assert said_by(root)["http.request.method"] == "_OTHER"
    assert "http.route" not in said_by(root)


@pytest.mark.holds(27)
def test_no_span_says_whose_it_is(running: Traced) -> None:
    """No id, no query, no code, no key, no token; and only what is on the list."""
    ben = running.world.sign_in("ben")
    ben.api("GET", CAMPAIGNS)
    spend(ben, "key-12345678", campaignName="Canary campaign")
    ben.api(
        "PATCH",
        f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001",
        json={"status": "PAUSED"},
    )
    ben.api("GET", "/teams/team-globex-shop")
    ben.api("GET", "/workspaces/acme/teams?canary=1")
    ben.get("/auth/callback?code=canary&state=canary&error=canary")
    ben.post("/auth/logout")
    running.requests(9)
    said = running.text().lower()
    for secret in (
        "canary",
        "ben",
        "acme",
        "globex",
        "act_",
        "cmp_",
        "code=",
        "state=",
        "eyj",
        "key-1",
        "?",
    ):
        assert secret not in said, secret
    names = {name for span in running.spans for name in said_by(span)}
    assert names == set(Attribute) - {Attribute.COLLAPSED}
    assert not any(span.events or span.links for span in running.spans)


@pytest.mark.holds(78)
def test_who_waits_for_another_says_so(running: Traced) -> None:
    """One of those who ask at the same moment has the call to the platform, the others have none."""
    ben = running.sign_in("ben")
    assert ben.api("GET", CAMPAIGNS).status_code == 200
    running.requests(1)
    running.forget()
    running.world.fault("getCampaigns", "latency", seconds=0.3)
    answers = reads_together(ben, f"{CAMPAIGNS}&fields=objective", 5)
    assert {answer.status_code for answer in answers} == {200}
    running.requests(5)
    waiting = [
        said_by(span).get("bff.cache.collapsed") for span in running.spans if span.name == "cache"
    ]
    assert sorted(map(bool, waiting)) == [False, True, True, True, True]
    assert [span.name for span in running.spans].count("upstream") == 1


def test_the_document_names_every_span_and_attribute() -> None:
    """docs/tracing.md has all that a span may say, no more and no less."""
    spans, attributes = DOCUMENT.read_text("utf-8").split("## Spans")[1].split("\n\n")[1:3]
    assert set(re.findall(r"^\| `([a-z]+)` \|", spans, re.MULTILINE)) == set(Step)
    assert set(re.findall(r"^\| `([a-z._]+)` \|", attributes, re.MULTILINE)) == set(Attribute)
    said = {
        name for row in spans.splitlines() for name in re.findall(r"`([^`]+)`", row.split("|")[3])
    }
    assert said == set(Attribute)


def test_a_line_names_its_trace(running: Traced) -> None:
    """The log leads to the trace, and only where there is one."""
    ben = running.sign_in("ben")
    answer = ben.api("GET", CAMPAIGNS)
    (root,) = running.requests()
    line = next(
        line
        for line in map(json.loads, running.world.log.getvalue().splitlines())
        if line.get("request_id") == answer.headers["x-request-id"]
    )
    assert line["trace_id"] == f"{root.context.trace_id:032x}"


def test_an_explanation_tells_the_same(running: Traced) -> None:
    """Who asks for an explanation and is traced has both; without tracing there are the same steps."""
    ben = running.sign_in("ben")
    answer = ben.api("GET", CAMPAIGNS, headers={"X-BFF-Explain": "1"})
    assert "upstream=4, " in answer.headers["x-bff-trail"]
    timed = {step.partition(";")[0] for step in answer.headers["server-timing"].split(", ")}
    assert timed == {"access", "cache", "token", "upstream", "total"}
    assert sum(name.startswith("upstream") for name in flat(running.tree())) == 4
