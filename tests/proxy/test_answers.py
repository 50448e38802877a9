"""What every answer carries, how problems look, and how lists are cut."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest

from app.clock import MovableClock
from app.errors import Problem, UpstreamProblem
from app.gateway.problems import ProblemDocument
from app.main import create_app
from app.settings import Settings
from app.testing.world import API, Browser, GatewayServer, World, world

TEAM = "/teams/team-acme-brand"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"

# The table of the public surface; codes of what does not exist yet are not in it.
CODES = {
    "unauthenticated": 401,
    "csrf": 403,
    "forbidden": 403,
    "not-found": 404,
    "invalid": 422,
    "malformed": 400,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "conflict": 409,
    "account-shared": 409,
    "write-pending": 409,
    "too-large": 413,
    "unsupported-media-type": 415,
    "not-a-member": 422,
    "key-reused": 422,
    "rate-limited": 429,
    "internal": 500,
    "upstream-error": 502,
    "upstream-credentials": 502,
    "upstream-invalid": 502,
    "access-unavailable": 503,
    "upstream-unavailable": 503,
    "read-only": 503,
    "overloaded": 503,
    "draining": 503,
    "upstream-timeout": 504,
    "outcome-unknown": 504,
}
# One request for each kind of answer: method, path, headers, body, status.
KINDS: dict[str, tuple[str, str, dict[str, str], Any, int]] = {
    "read": ("GET", API + TEAM, {}, None, 200),
    "account read": ("GET", API + CAMPAIGNS, {}, None, 200),
    "recalled": ("GET", f"{API}{TEAM}/ad-accounts/act_1001/permissions", {}, None, 200),
    "head": ("HEAD", API + TEAM, {}, None, 200),
    "not modified": ("GET", API + TEAM, {"if-none-match": "*"}, None, 304),
    "written": ("PATCH", API + TEAM, {}, {"name": "Acme Brand"}, 200),
    "void": (
        "PATCH", f"{API}{TEAM}/ad-accounts/act_1001/permissions/cleo", {},
        {"permission": "MANAGER"}, 204,
    ),
    "session": ("GET", "/auth/session", {}, None, 200),
    "login": ("GET", "/auth/login", {}, None, 303),
    "health": ("GET", "/healthz", {}, None, 200),
    "csrf": ("GET", API + TEAM, {"x-bff": "0"}, None, 403),
    "bad bearer": ("GET", API + TEAM, {"authorization": "Bearer x"}, None, 401),
    "foreign": ("GET", f"{API}/teams/team-globex-shop", {}, None, 404),
    "no path": ("GET", "/nowhere", {}, None, 404),
    "malformed": ("GET", f"{API}/teams/%00", {}, None, 400),
    "no such verb": ("PUT", API + TEAM, {}, None, 405),
    "not acceptable": ("GET", API + TEAM, {"accept": "text/html"}, None, 406),
    "no JSON": ("PATCH", API + TEAM, {"content-type": "text/plain"}, None, 415),
    "invalid": ("PATCH", API + TEAM, {}, {"name": ""}, 422),
    "framework's 422": ("GET", "/auth/callback?state=" + "x" * 300, {}, None, 422),
}  # fmt: skip


@pytest.mark.holds(67, 70, 71)
@pytest.mark.parametrize("kind", KINDS)
def test_every_answer_carries_the_security_headers(healed: World, ana: Browser, kind: str) -> None:
    """Type, caching and policy are right on each kind of answer; no server names itself."""
    method, path, headers, body, status = KINDS[kind]
    answer = ana.request(method, path, headers=headers, json=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] in {"no-store", "private, no-cache"}
    assert len(answer.headers.get_list("cache-control")) == 1
    assert "server" not in answer.headers
    assert "x-powered-by" not in answer.headers
    assert "strict-transport-security" not in answer.headers
    if path.startswith(API) and status < 400:
        assert answer.headers["vary"] == "Cookie, Authorization, Accept-Encoding"
    if status >= 400:
        _check_problem(answer, status)
    elif status in {204, 303, 304}:
        assert answer.content == b""
    else:
        assert answer.headers["content-type"] == "application/json"


def _check_problem(answer: Any, status: int) -> None:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    told = ProblemDocument.model_validate_json(answer.content)
    assert (told.status, CODES[told.code]) == (status, status)
    assert told.requestId == answer.headers["x-request-id"]
    assert told.instance == f"urn:ads-bff:request:{told.requestId}"
    assert told.type == f"urn:ads-bff:problem:{told.code}"
    assert (told.errors is not None) == (told.code == "invalid")


@pytest.mark.holds(70)
def test_https_is_remembered_by_browsers() -> None:
    """On an https origin every answer carries HSTS, errors included."""
    with world(public={"origin": "https://app.example.com"}) as running:
        browser = running.browser()
        for path in ("/healthz", "/nowhere", API + TEAM, f"{API}/teams/%00"):
            hsts = browser.get(path).headers["strict-transport-security"]
            assert int(hsts.partition(";")[0].removeprefix("max-age=")) >= 31_536_000


@pytest.mark.holds(67)
def test_the_tree_of_errors_is_the_public_table() -> None:
    """Every problem has a code and status of the surface, each code once, and is documented whole."""
    tree = [kind for kind in _below(Problem) if kind is not UpstreamProblem]
    leaves = [kind for kind in tree if kind.__module__ == Problem.__module__]
    assert {kind.code for kind in tree} == set(CODES)
    assert {kind.code: kind.status for kind in leaves} == CODES
    assert len(leaves) == len(CODES)
    assert all(kind.title for kind in leaves)


def _below(kind: type[Problem]) -> Iterator[type[Problem]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


@pytest.mark.holds(67)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{API}/teams/echo-canary!", None),
        (f"{API}{TEAM}?echo-canary=1", None),
        (f"{API}{TEAM}/meta/campaigns?adAccountId=echo-canary!", None),
        (f"{API}{TEAM}/meta/campaigns?adAccountId=a&adAccountId=echo-canary", None),
        (f"{API}{TEAM}/meta/campaigns?adAccountId=act_1001&cursor=echo-canary", None),
        (f"{API}{TEAM}/meta/campaigns?adAccountId=act_1001&fields=echo-canary", None),
        (f"{API}{TEAM}/members", {"members": [{"externalUserId": "echo-canary/", "role": "x"}]}),
        (f"{API}{TEAM}/members", {"members": [{"externalUserId": "u", "role": "echo-canary"}]}),
        (f"{API}{TEAM}/members", {"echo canary echo-canary": 1}),
        ("/auth/callback?state=echo-canary" + "x" * 300, None),
        ("/auth/login?returnTo=//echo-canary", None),
        ("/echo-canary", None),
    ],
)
def test_nothing_that_was_sent_is_echoed(ana: Browser, path: str, body: Any) -> None:
    """Values stay out of problems; names only where they are plain names."""
    answer = ana.request("POST" if body else "GET", path, json=body)
    assert answer.status_code in {400, 404, 422}
    told = answer.json()
    assert "echo-canary" not in json.dumps(
        {**told, "errors": [e["message"] for e in told.get("errors", [])]}
    )


@pytest.mark.holds(67)
def test_a_request_id_is_taken_over_when_harmless(ana: Browser) -> None:
    """The caller's id comes back if it is one; anything else is replaced."""
    for given, kept in (
        ("abc-12345", True),
        ("short", False),
        ("x" * 65, False),
        ("a b c d e f", False),
    ):
        answer = ana.get("/healthz", headers={"x-request-id": given})
        assert (answer.headers["x-request-id"] == given) is kept


@pytest.mark.holds(66)
@pytest.mark.parametrize(("docs", "status"), [(None, 404), (True, 200)])
def test_documents_are_off_in_production(docs: bool | None, status: int) -> None:
    """Production serves neither documentation nor schema nor console, unless it is told to."""
    settings = Settings.model_validate(
        {
            "env": "production",
            "upstream": {"base_url": "https://platform.example/api/v1", "api_key": "k" * 32},
            "identity": {
                "jwt": {
                    "issuer": "https://app.example.com",
                    "audience": "ads",
                    "algorithms": ["HS256"],
                    "secret": "0123456789abcdef0123456789abcdef-x",
                }
            },
            "public": {"origin": "https://app.example.com"},
            "ledger": {"path": ":memory:"},
            "docs": docs,
        }
    )
    server = GatewayServer()
    server.start(create_app(settings, clock=MovableClock()))
    try:
        with Browser(server.origin) as browser:
            for path in ("/docs", "/openapi.json"):
                assert browser.get(path).status_code == status
            for path in ("/redoc", "/docs/oauth2-redirect", "/", "/console/main.js", "/metrics"):
                assert browser.get(path).status_code == 404
    finally:
        server.stop()


# --- pages --------------------------------------------------------------------------------------


def test_a_list_can_be_walked_in_pages(ana: Browser) -> None:
    """Pages of any size hold together every item once, in order, and say when they end."""
    whole = ana.read(CAMPAIGNS)
    assert whole["nextCursor"] is None
    for limit in (1, 3, 4, 8, 200):
        seen: list[str] = []
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = ana.read(f"{TEAM}/meta/campaigns", adAccountId="act_1001", limit=limit, **more)
            seen += [item["id"] for item in page["items"]]
            cursor = page["nextCursor"]
            if cursor is None:
                break
            assert len(page["items"]) == limit
        assert seen == [item["id"] for item in whole["items"]]


@pytest.mark.holds(61)
@pytest.mark.parametrize("limit", ["0", "201", "-1", "1.5", "x", "", "true", "1e1", "９"])
def test_a_limit_is_between_1_and_200(ana: Browser, limit: str) -> None:
    """Another limit is a fault of the parameter."""
    answer = ana.api("GET", f"{CAMPAIGNS}&limit={limit}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/query/limit"]


def _cursor(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.holds(49)
@pytest.mark.parametrize(
    "cursor",
    ["x", "=", "MQ==", "M", "a" * 65, "MQ%00", "-", "____", _cursor("-1"), _cursor("01"),
     _cursor("1.0"), _cursor(" 1"), _cursor("1_0"), _cursor("9" * 12), _cursor("cmp"), _cursor("٣"),
     _cursor("../x")],
)  # fmt: skip
def test_a_cursor_that_we_did_not_make_is_refused(ana: Browser, cursor: str) -> None:
    """Only the one spelling that an answer gave is understood."""
    answer = ana.api("GET", f"{CAMPAIGNS}&cursor={cursor}")
    assert answer.status_code in {400, 422}
    if answer.status_code == 422:
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/query/cursor"]


def test_a_cursor_beyond_the_end_finds_nothing(ana: Browser) -> None:
    """A list that became shorter ends."""
    page = ana.read(f"{CAMPAIGNS}&cursor={_cursor('500')}")
    assert page == {"items": [], "nextCursor": None}


@pytest.mark.holds(48, 57)
@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["cmp_1001_2"], ["cmp_1001_2"]),
        (["cmp_1001_2", "cmp_1001_1", "cmp_1001_2"], ["cmp_1001_1", "cmp_1001_2"]),
        (["cmp_2001_1"], []),
        (["cmp_1002_1"], []),
        (["nothing"], []),
        (["cmp_2001_1", "cmp_1001_3"], ["cmp_1001_3"]),
    ],
)
def test_filter_ids_of_others_match_nothing(
    healed: World, ana: Browser, ids: list[str], found: list[str]
) -> None:
    """A campaign of another account looks like one that does not exist, and is not asked for."""
    query = "".join(f"&campaignId={one}" for one in ids)
    assert [item["id"] for item in ana.read(CAMPAIGNS + query)["items"]] == found
    assert all("cmp_" not in call["path"] for call in healed.calls("getCampaigns"))
    page = ana.read(f"{CAMPAIGNS}{query}&limit=1")
    assert [item["id"] for item in page["items"]] == found[:1]
    assert (page["nextCursor"] is not None) == (len(found) > 1)
