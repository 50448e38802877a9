"""The identity provider says that somebody signed out there."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from .browser import Browser
from .conftest import World
from .host_tokens import raw_token
from .small_provider import EVENT, new_key

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATH = "/auth/backchannel-logout"

pytestmark = pytest.mark.holds(15)


def order(world: World, **claims: Any) -> httpx2.Response:
    """The provider's call: no cookie, no header of ours."""
    return send(world, world.provider.logout_token(**claims))


def send(world: World, token: str) -> httpx2.Response:
    return httpx2.post(world.gateway.origin + PATH, data={"logout_token": token}, trust_env=False)


def sign_in(world: World, user: str, sid: str | None, browser: Browser) -> Browser:
    world.provider.claims = {} if sid is None else {"sid": sid}
    browser.sign_in(world.provider, user)
    return browser


def alive(*browsers: Browser) -> list[bool]:
    return [browser.session().status_code == 200 for browser in browsers]


def told(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("claims", "left"),
    [
        ({"sid": "sid-1"}, [False, True, True, True]),
        ({"sid": "sid-1", "sub": "ana"}, [False, True, False, True]),
        ({"sub": "ana"}, [False, False, False, True]),
        ({"sid": "unknown"}, [True, True, True, True]),
        ({"sub": "unknown"}, [True, True, True, True]),
        ({"sid": "sid-1", "sub": "ben"}, [False, True, True, True]),
    ],
)
def test_whose_sessions_end(world: World, claims: dict[str, str], left: list[bool]) -> None:
    """Those of the provider's session, and those of the person that cannot be told from them; all
    of the person where no session is named; nobody else's. The answer is the same."""
    with world.browser() as a, world.browser() as b, world.browser() as c, world.browser() as d:
        everybody = [
            sign_in(world, "ana", "sid-1", a),
            sign_in(world, "ana", "sid-2", b),
            sign_in(world, "ana", None, c),
            sign_in(world, "ben", "sid-3", d),
        ]
        answer = order(world, **claims)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["cache-control"] == "no-store"
        assert alive(*everybody) == left
        assert order(world, **claims).status_code == 200


@pytest.mark.parametrize(("claims", "sid"), [({"sid": "sid-1"}, "sid-1"), ({"sub": "ana"}, None)])
def test_a_sign_in_under_way(
    world: World, browser: Browser, claims: dict[str, str], sid: str | None
) -> None:
    """A code that was issued before the order signs nobody in, however long that takes."""
    world.provider.claims = {} if sid is None else {"sid": sid}
    brought = world.provider.approve(browser.start(), "ana")
    assert order(world, **claims).status_code == 200
    world.clock.advance(590)
    assert told(browser.finish(brought)) == (401, "unauthenticated")
    assert browser.session_cookie is None
    assert world.gateway.lines[-1]["reason"] == "the sign-in began before its end was ordered"


def test_a_session_that_ended_does_not_come_back(world: World, browser: Browser) -> None:
    """For ten minutes the provider's session cannot be signed in with; another one can at once."""
    assert order(world, sid="sid-1").status_code == 200
    world.clock.advance(300)
    world.provider.claims = {"sid": "sid-1"}
    assert told(browser.finish(world.provider.approve(browser.start(), "ana")))[0] == 401
    sign_in(world, "ana", "sid-2", browser)
    assert alive(browser) == [True]


def test_a_person_may_come_back(world: World, browser: Browser) -> None:
    """Whose sessions all ended may sign in again at once."""
    assert order(world, sub="ana").status_code == 200
    world.clock.advance(1)
    sign_in(world, "ana", None, browser)
    assert alive(browser) == [True]


def test_an_order_is_good_once(world: World, browser: Browser) -> None:
    """The same token a second time is refused, for as long as it lives, and ends nothing."""
    token = world.provider.logout_token(sub="ana")
    assert send(world, token).status_code == 200
    world.clock.advance(1)
    sign_in(world, "ana", None, browser)
    for later in (0, 237):
        world.clock.advance(later)
        assert told(send(world, token)) == (400, "malformed")
        assert world.gateway.lines[-1]["reason"] == "jti was used before"
    world.clock.advance(3)
    assert told(send(world, token)) == (400, "malformed")
    assert world.gateway.lines[-1]["reason"] == "expired"
    assert alive(browser) == [True]


# What is changed of a good token, and why it is refused then.
SPOILT: list[tuple[dict[str, Any], str]] = [
    ({"iss": "https://evil.example"}, "iss is not the issuer"),
    ({"aud": "other"}, "aud does not name us"),
    ({"aud": [1]}, "aud is neither a text nor a list of texts"),
    ({"sub": None}, "neither sub nor a usable sid"),
    ({"sub": 7}, "sub is not a text"),
    ({"sub": ""}, "sub is not a text"),
    ({"sub": None, "sid": 7}, "neither sub nor a usable sid"),
    ({"nonce": "n"}, "nonce in a logout token"),
    ({"nonce": ""}, "nonce in a logout token"),
    ({"events": []}, "events does not tell of a logout"),
    ({"events": {}}, "events does not tell of a logout"),
    ({"events": {EVENT: None}}, "events does not tell of a logout"),
    ({"events": {EVENT: []}}, "events does not tell of a logout"),
    ({"events": {EVENT + "/": {}}}, "events does not tell of a logout"),
    ({"events": EVENT}, "events does not tell of a logout"),
    ({"jti": 7}, "jti is not a short text"),
    ({"jti": ""}, "jti is not a short text"),
    ({"jti": "a" * 257}, "jti is not a short text"),
    ({"exp": 1_000_000}, "expired"),
    ({"exp": "soon"}, "exp is not a whole number"),
    ({"iat": 5_000_000_000, "exp": 5_000_000_100}, "iat lies in the future"),
    ({"exp": 5_000_000_000}, "lives longer than a day"),
    *(({name: None}, f"{name} is missing") for name in ("iss", "aud", "iat", "exp", "jti", "events")),
]  # fmt: skip


@pytest.mark.holds(33)
@pytest.mark.parametrize(("changes", "reason"), SPOILT)
def test_what_an_order_must_say(
    world: World, browser: Browser, changes: dict[str, Any], reason: str
) -> None:
    """A token that lacks something or says something else is a 400, ends nothing, and the bearer
    does not learn why."""
    sign_in(world, "ana", None, browser)
    answer = order(world, **{"sub": "ana", **changes})
    assert told(answer) == (400, "malformed")
    assert answer.json()["detail"] == "The logout token was not accepted."
    assert world.gateway.lines[-1] == {"event": "logout.refused", "reason": reason}
    assert alive(browser) == [True]


@pytest.mark.parametrize("typ", ["logout+jwt", "Logout+JWT", "application/logout+jwt", "JWT", None])
def test_types_that_are_taken(world: World, browser: Browser, typ: str | None) -> None:
    """The type is only recommended: without it, or with the general one, the event decides."""
    sign_in(world, "ana", None, browser)
    assert send(world, world.provider.logout_token({"typ": typ}, sub="ana")).status_code == 200
    assert alive(browser) == [False]


@pytest.mark.holds(33)
@pytest.mark.parametrize("typ", ["at+jwt", "secevent+jwt", "logout", ""])
def test_other_types(world: World, browser: Browser, typ: str) -> None:
    """A token that says that it is something else is refused."""
    sign_in(world, "ana", None, browser)
    assert told(send(world, world.provider.logout_token({"typ": typ}, sub="ana")))[0] == 400
    assert alive(browser) == [True]


@pytest.mark.holds(33)
def test_signatures(world: World, browser: Browser) -> None:
    """Only the provider's own key signs orders: no other, none at all, no shared secret."""
    sign_in(world, "ana", None, browser)
    good = world.provider.logout_token(sub="ana")
    head, body, signature = good.split(".")
    claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    unsigned = raw_token({"alg": "none", "typ": "logout+jwt"}, claims).rpartition(".")[0]
    for bad in (
        world.provider.logout_token(key=new_key("first"), sub="ana"),
        world.provider.logout_token({"kid": "unknown"}, sub="ana"),
        f"{unsigned}.",
        raw_token({"alg": "HS256", "typ": "logout+jwt", "kid": "first"}, claims),
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"{head}.{body}",
        "a.b.c.d.e",
        "",
        "é",
        "a" * 70_000,
    ):
        assert told(send(world, bad)) == (400, "malformed")
    assert alive(browser) == [True]
    assert send(world, good).status_code == 200
    assert alive(browser) == [False]


@pytest.mark.holds(33)
def test_an_id_token_is_no_order(world: World, browser: Browser) -> None:
    """What signs somebody in cannot sign him out, and the other way round."""
    seen: list[str] = []

    def see(token: str) -> str:
        seen.append(token)
        return token

    world.provider.bend_token = see
    sign_in(world, "ana", None, browser)
    assert told(send(world, seen[0])) == (400, "malformed")
    assert alive(browser) == [True]
    world.provider.bend_token = lambda _: world.provider.logout_token(sub="ana")
    with world.browser() as other:
        assert other.finish(world.provider.approve(other.start(), "ana")).status_code == 401


@pytest.mark.holds(26, 61)
@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"logout_token=TOKEN", {"Content-Type": "application/json"}, (415, "unsupported-media-type")),
        (b"logout_token=TOKEN", {"Content-Type": "text/plain"}, (415, "unsupported-media-type")),
        (b"logout_token=TOKEN", {}, (415, "unsupported-media-type")),
        (b"logout_token=TOKEN", FORM | {"Content-Encoding": "gzip"}, (415, "unsupported-media-type")),
        (b"", FORM, (400, "malformed")),
        (b"token=TOKEN", FORM, (400, "malformed")),
        (b"logout_token=TOKEN&logout_token=TOKEN", FORM, (400, "malformed")),
        (b"logout_token=\xff", FORM, (400, "malformed")),
        (b"logout_token=%ff", FORM, (400, "malformed")),
        (b"&".join([b"a=b"] * 21) + b"&logout_token=TOKEN", FORM, (400, "malformed")),
        (b"logout_token=TOKEN&a=" + b"a" * 131_072, FORM, (413, "too-large")),
    ],
)  # fmt: skip
def test_bodies_that_are_refused(
    world: World,
    browser: Browser,
    content: bytes,
    headers: dict[str, str],
    expected: tuple[int, str],
) -> None:
    """One logout_token in a form of bounded size, or a refusal."""
    sign_in(world, "ana", None, browser)
    body = content.replace(b"TOKEN", world.provider.logout_token(sub="ana").encode())
    with httpx2.Client(base_url=world.gateway.origin, trust_env=False) as client:
        assert told(client.post(PATH, content=body, headers=headers)) == expected
        assert client.get(PATH).status_code == 405
    assert alive(browser) == [True]


def test_what_else_stands_in_the_form_is_ignored(world: World, browser: Browser) -> None:
    """Values that we do not know do not matter, nor does a charset; the event may hold something."""
    sign_in(world, "ana", None, browser)
    token = world.provider.logout_token(sub="ana", events={EVENT: {"more": 1}, "other": 1}, more=1)
    answer = httpx2.post(
        world.gateway.origin + PATH,
        content=f"state=a&logout_token={token}",
        headers={"Content-Type": "Application/X-WWW-Form-Urlencoded; charset=UTF-8"},
        trust_env=False,
    )
    assert answer.status_code == 200
    assert alive(browser) == [False]


@pytest.mark.holds(16)
def test_ends_are_logged_under_a_pseudonym(world: World, browser: Browser) -> None:
    """One line for each session that ended, with the person's pseudonym, and no name in clear."""
    sign_in(world, "ana", "sid-1", browser)
    started = world.gateway.lines[-1]
    order(world, sid="sid-1", sub="ana")
    ended = world.gateway.lines[-1]
    assert ended == {
        "event": "session.ended",
        "actor": started["actor"],
        "reason": "back-channel logout",
    }


def test_a_provider_that_cannot_be_asked(world: World, browser: Browser) -> None:
    """Without the provider's keys nobody can tell who orders: 503, and the same order works later."""
    token = world.provider.logout_token(sub="ana")
    world.provider.failing["/jwks"] = Response(status_code=500)
    assert told(send(world, token)) == (503, "upstream-unavailable")
    world.provider.failing.clear()
    assert send(world, token).status_code == 200
