"""Conditions on the request: whatever is unusual about it takes the long way, and what decides there
decides here."""

from __future__ import annotations

from typing import Any

import httpx2 as httpx
import pytest

from app.testing.world import API, GatewayServer, World, world
from tests.cache.reads import ACCOUNT, CAMPAIGNS, TEAM
from tests.recall.asker import Asker, asker, recalls
from tests.session import host_tokens


def bearer(here: World, user: str, **claims: Any) -> dict[str, str]:
    """This user's host token, as a header."""
    made = host_tokens.token(host_tokens.claims(here.clock.now(), sub=user, **claims))
    return {"Authorization": f"Bearer {made}"}


@pytest.mark.holds(20, 22, 52)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-BFF": "0"},
        {"X-BFF": ""},
        {"X-BFF": "1, 1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": ""},
        {"Sec-Fetch-Site": "cross-site", "Origin": ""},
    ],
)
def test_forged_requests(ben: Asker, headers: dict[str, str]) -> None:
    """Without the proof that our own pages ask, a cookie gets a 403, and nothing of the answer."""
    ben.known()
    answer = ben.sent_anew("GET", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf")
    ben.known()


@pytest.mark.holds(21, 22)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost", "*"])
def test_foreign_origins(here: World, ben: Asker, origin: str) -> None:
    """In a browser that does not say Sec-Fetch-Site its Origin decides."""
    ben.known()
    cookie = f"bff-dev={ben.client.cookies['bff-dev']}"
    with httpx.Client(base_url=here.origin, trust_env=False) as plain:
        old = Asker(here.gateway, plain, ben.path, {"Cookie": cookie, "X-BFF": "1"})
        own = old.known(Origin=here.origin)
        assert own.status_code == 200
        refused = old.anew(Origin=origin)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
        missing = Asker(here.gateway, plain, ben.path, {"Cookie": cookie}).anew()
        assert (missing.status_code, missing.json()["code"]) == (403, "csrf")


@pytest.mark.holds(26)
@pytest.mark.parametrize(
    "accept", ["text/html", "application/json;q=0", "text/*", "image/png, text/x"]
)
def test_another_type_is_wanted(ben: Asker, accept: str) -> None:
    """Who does not take JSON gets a 406."""
    ben.known()
    assert ben.anew(Accept=accept).status_code == 406
    assert ben.known(Accept="text/html, application/*;q=0.1").status_code == 200


UNUSUAL: dict[str, dict[str, Any]] = {
    "a range": {"headers": {"Range": "bytes=0-10"}},
    "an expectation": {"headers": {"Expect": "100-continue"}},
    "an empty body": {"headers": {"Content-Length": "0"}},
    "an upgrade": {"headers": {"Connection": "upgrade", "Upgrade": "h2c"}},
    "an explanation": {"headers": {"X-BFF-Explain": "1"}},
    "no explanation": {"headers": {"X-BFF-Explain": "0"}},
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_unusual_requests(ben: Asker, what: str) -> None:
    """Whoever wants something beside takes the long way, which answers as it always does."""
    known = ben.known()
    answer = ben.sent_anew("GET", **UNUSUAL[what])
    assert (answer.status_code, answer.content) == (200, known.content)
    assert ("x-bff-trail" in answer.headers) is (what == "an explanation")
    ben.known()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body(ben: Asker, chunked: bool) -> None:
    """A read takes no body."""
    ben.known()
    body = iter([b"{", b"}"]) if chunked else b"{}"
    assert ben.sent_anew("GET", content=body).status_code == 400
    ben.known()


REPEATED = {
    "Cookie": 400,
    "If-None-Match": 400,
    "X-BFF": 403,
    "Origin": 403,
    "Sec-Fetch-Site": 403,
    "X-BFF-Background": 400,
    "X-BFF-Explain": 400,
    "X-Request-ID": 200,
    "Accept": 200,
    "Accept-Encoding": 200,
}


@pytest.mark.holds(9)
@pytest.mark.parametrize("name", REPEATED)
def test_repeated_headers(here: World, ben: Asker, name: str) -> None:
    """A header that is sent twice is for the long way to judge, the same value twice as well."""
    ben.known()
    values = {
        "Cookie": f"bff-dev={ben.client.cookies['bff-dev']}",
        "If-None-Match": '"a"',
        "X-BFF": "1",
        "Origin": here.origin,
        "Sec-Fetch-Site": "same-origin",
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
    }
    usual = {"Cookie", "X-BFF", "Sec-Fetch-Site"} - {name}
    pairs = [(one, values[one]) for one in sorted(usual)] + [(name, values.get(name, "1"))] * 2
    with httpx.Client(base_url=here.origin, trust_env=False, headers=None) as plain:
        answer = Asker(here.gateway, plain, ben.path).sent_anew("GET", headers=pairs)
    assert answer.status_code == REPEATED[name]


def test_head(ben: Asker) -> None:
    """HEAD is answered by the long way, without content, and teaches the memory nothing."""
    known = ben.known()
    answer = ben.sent_anew("HEAD")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == known.headers["etag"]
    others = Asker(ben.gateway, ben.client, f"{CAMPAIGNS}&fields=name")
    for _ in range(3):
        assert others.sent_anew("HEAD").status_code == 200
    assert others.anew().status_code == 200


@pytest.mark.holds(37)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods(ben: Asker, method: str) -> None:
    """Only GET is remembered."""
    ben.known()
    assert ben.sent_anew(method).status_code == 405


@pytest.mark.holds(9, 52)
def test_two_credentials(here: World, ben: Asker) -> None:
    """A header and a cookie together: the header is the whole truth, whoever it names."""
    ben.known()
    answer = ben.anew(**bearer(here, "emil"))
    assert answer.status_code == 403
    assert ben.anew(Authorization="Bearer nonsense").status_code == 401
    assert ben.anew(**bearer(here, "ben")).status_code == 200
    with httpx.Client(base_url=here.origin, trust_env=False) as plain:
        # Alone it is remembered, and needs no proof against forgery.
        assert Asker(here.gateway, plain, ben.path, bearer(here, "ben")).known().status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        f"/teams/{TEAM}/meta/campaigns?adAccountId={ACCOUNT}&",
        f"/teams/{TEAM}/meta/campaigns?adAccountId=%61ct_1001",
        f"/teams/{TEAM}/meta/campaigns?adAccountId=act_1002",
        f"/teams/{TEAM}/meta/campaigns?adAccountId=act_2001",
        f"/teams/{TEAM}/meta/campaigns?adAccountId={ACCOUNT}&adAccountId={ACCOUNT}",
        f"/teams/{TEAM}/meta/campaigns?adaccountid={ACCOUNT}",
        f"/teams/{TEAM}/meta/campaigns",
        f"/teams/{TEAM}/meta/campaigns/?adAccountId={ACCOUNT}",
        f"/teams/{TEAM}%2fmeta/campaigns?adAccountId={ACCOUNT}",
        f"//teams/{TEAM}/meta/campaigns?adAccountId={ACCOUNT}",
    ],
)
def test_other_bytes_are_another_question(here: World, ben: Asker, path: str) -> None:
    """Only the very same path and query are recalled, and what is refused is never remembered."""
    ben.known()
    other = Asker(ben.gateway, ben.client, path)
    first = other.anew()
    if first.status_code == 200:
        assert other.known().content == first.content
    else:
        assert {other.anew().status_code for _ in range(2)} == {first.status_code}


def test_draining(way: type[GatewayServer]) -> None:
    """Once the gateway is about to stop it asks for every connection to be closed, so nothing is
    recalled."""
    with world(gateway=way()) as running:
        ben = asker(running, "ben")
        assert "connection" not in ben.known().headers
        running.parts.drain.begin()
        assert ben.anew().headers["connection"] == "close"


@pytest.mark.holds(24)
def test_other_origins_may_read(way: type[GatewayServer]) -> None:
    """Where origins are configured, whoever names one gets the headers that it takes; others do not."""
    jwt = {
        "secret": host_tokens.SECRET,
        "algorithms": ["HS256"],
        "issuer": host_tokens.ISSUER,
        "audience": host_tokens.AUDIENCE,
    }
    public = {"cors_origins": ["https://shop.example"]}
    with (
        world(gateway=way(), identity={"jwt": jwt, "same_users": True}, public=public) as running,
        httpx.Client(base_url=running.origin, trust_env=False) as plain,
    ):
        ben = Asker(running.gateway, plain, CAMPAIGNS, bearer(running, "ben"))
        assert "access-control-allow-origin" not in ben.known().headers
        allowed = ben.anew(Origin="https://shop.example")
        assert allowed.headers["access-control-allow-origin"] == "https://shop.example"
        assert "Origin" in allowed.headers["vary"]
        foreign = ben.anew(Origin="https://evil.example")
        assert "access-control-allow-origin" not in foreign.headers
        before = recalls(running.gateway)
        assert plain.options(f"{API}{CAMPAIGNS}").status_code in {400, 405}
        assert recalls(running.gateway) == before
