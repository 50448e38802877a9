"""Who asks, when several credentials arrive, or odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from pydantic import SecretStr
from starlette.responses import Response

from app.clock import MovableClock
from app.settings import JwtSettings, OidcSettings

from .browser import OURS, Browser
from .conftest import World
from .host_tokens import AUDIENCE, ISSUER, SECRET, claims, token
from .loopback_server import Stage
from .signers import signer
from .small_gateway import SmallGateway
from .small_provider import SmallProvider
from .small_publisher import SmallPublisher
from .trusting import jwt_settings


@dataclass(frozen=True)
class Both:
    """A gateway that trusts its own sessions and the product's tokens, with somebody signed in."""

    browser: Browser
    session: str

    def ask(self, *headers: tuple[str, str | bytes], path: str = "/who") -> httpx2.Response:
        self.browser.http.cookies.clear()
        raw = [(name, one.encode() if isinstance(one, str) else one) for name, one in headers]
        return self.browser.http.get(path, headers=[(name.encode(), value) for name, value in raw])


@pytest.fixture
def both(
    gateway_stage: Stage, clock: MovableClock, provider: SmallProvider, oidc: OidcSettings
) -> Iterator[Both]:
    """Signed in as ana by session."""
    jwt = JwtSettings(
        issuer=ISSUER, audience=AUDIENCE, algorithms=("HS256",), secret=SecretStr(SECRET), cookie="host"
    )  # fmt: skip
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, clock, oidc=oidc, jwt=jwt)
    gateway_stage.app = gateway.app()
    with Browser(gateway.origin) as browser:
        browser.sign_in(provider)
        yield Both(browser, f"bff-dev={browser.session_cookie}")


def host(clock: MovableClock, user: str) -> str:
    return token(claims(clock.now(), sub=user))


@pytest.mark.holds(28)
def test_each_credential_alone(both: Both, clock: MovableClock) -> None:
    """Session, bearer and host cookie each name their user; a browser adds the first and last."""
    assert both.ask(("Cookie", both.session)).json() == {
        "user": "ana",
        "via": "session",
        "byCookie": True,
    }
    bearer = both.ask(("Authorization", f"bearer  {host(clock, 'ben')}"))
    assert bearer.json() == {"user": "ben", "via": "host-jwt", "byCookie": False}
    cookie = both.ask(("Cookie", f"host={host(clock, 'ben')}"))
    assert cookie.json() == {"user": "ben", "via": "host-jwt", "byCookie": True}


@pytest.mark.holds(9)
def test_authorization_hides_every_cookie(both: Both, clock: MovableClock) -> None:
    """With an Authorization header cookies are not read: not good ones, not contradictory ones."""
    bearer = ("Authorization", f"Bearer {host(clock, 'ben')}")
    assert both.ask(bearer, ("Cookie", f"{both.session}; {both.session}")).json()["user"] == "ben"
    for refused in ("Bearer x", "Basic YTpi", "Bearer", "", "Negotiate", "Bearer a b", "Bearer é"):
        answer = both.ask(("Authorization", refused), ("Cookie", both.session))
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"


def test_authorization_twice(both: Both, clock: MovableClock) -> None:
    """Two Authorization headers are not a credential, even when they agree."""
    bearer = ("Authorization", f"Bearer {host(clock, 'ben')}")
    assert both.ask(bearer, bearer).status_code == 400


@pytest.mark.holds(28)
def test_two_users_on_one_request(both: Both, clock: MovableClock) -> None:
    """A session and a host cookie may agree; naming different users they name nobody."""
    agreeing = both.ask(("Cookie", f"{both.session}; host={host(clock, 'ana')}"))
    assert (agreeing.status_code, agreeing.json()["via"]) == (200, "session")
    assert both.ask(("Cookie", f"{both.session}; host={host(clock, 'ben')}")).status_code == 401
    assert both.ask(("Cookie", both.session)).status_code == 200


@pytest.mark.holds(17)
def test_a_refused_request_does_not_extend(both: Both, clock: MovableClock) -> None:
    """A request that is refused for its second credential keeps no session alive."""
    clock.advance(1000)
    both.ask(("Cookie", f"{both.session}; host={host(clock, 'ben')}"))
    clock.advance(801)
    assert both.ask(("Cookie", both.session)).status_code == 401


@pytest.mark.holds(9)
def test_an_odd_host_cookie_locks_nobody_out(both: Both) -> None:
    """A host cookie that proves nothing is ignored beside a live session."""
    assert both.ask(("Cookie", f"{both.session}; host=garbage")).status_code == 200
    assert both.ask(("Cookie", "host=garbage")).status_code == 401
    assert both.ask(("Cookie", "host=a; host=b")).status_code == 400


@pytest.mark.holds(15)
def test_a_dead_session_is_not_replaced(both: Both, clock: MovableClock) -> None:
    """A session cookie that is no longer good is a 401, whatever stands beside it."""
    dead = "bff-dev=" + "A" * 43
    assert both.ask(("Cookie", f"{dead}; host={host(clock, 'ana')}")).status_code == 401


@pytest.mark.holds(9)
@pytest.mark.parametrize("mark", [b"\xa0", b"\x85", b"\xc2\xa0"])
def test_disguised_cookies_over_http(both: Both, mark: bytes) -> None:
    """Bytes that some parsers trim make another cookie's name: never the session, never a lock-out."""
    session = both.session.encode()
    assert both.ask(("Cookie", mark + session)).status_code == 401
    assert both.ask(("Cookie", mark + b"bff-dev=evil; " + session)).status_code == 200
    assert both.ask(("Cookie", session + b"; $Version=1; $Path=/")).status_code == 200


@pytest.mark.holds(9)
def test_twice_and_quoted_over_http(both: Both) -> None:
    """Sent twice the session is a 400, in one header or two; quoted it is an unknown id."""
    assert both.ask(("Cookie", f"{both.session}; {both.session}")).status_code == 400
    assert both.ask(("Cookie", both.session), ("Cookie", both.session)).status_code == 400
    name, _, value = both.session.partition("=")
    assert both.ask(("Cookie", f'{name}="{value}"')).status_code == 401


@pytest.mark.holds(19, 20)
def test_csrf_is_for_cookies(both: Both, clock: MovableClock) -> None:
    """Host cookies obey the CSRF rules, bearer tokens need not."""
    cookie = ("Cookie", f"host={host(clock, 'ben')}")
    assert both.ask(cookie, path="/auth/session").status_code == 403
    assert both.ask(cookie, *OURS.items(), path="/auth/session").status_code == 200
    bearer = ("Authorization", f"Bearer {host(clock, 'ben')}")
    assert both.ask(bearer, path="/auth/session").status_code == 200


def test_a_product_owns_its_sessions(both: Both, clock: MovableClock) -> None:
    """Signing out with a host token is a 409: here is nothing to end. A bad token is a 401."""
    http = both.browser.http
    http.cookies.clear()
    bearer = f"Bearer {host(clock, 'ben')}"
    for headers, status in (
        ({"Authorization": bearer}, 409),
        ({"Authorization": "Bearer x"}, 401),
        ({"Cookie": f"host={host(clock, 'ben')}", **OURS}, 409),
        ({"Cookie": f"host={host(clock, 'ben')}"}, 403),
        ({"Cookie": f"{both.session}; host={host(clock, 'ana')}", **OURS}, 200),
        (OURS, 200),
    ):
        assert http.post("/auth/logout", headers=headers).status_code == status, headers


def test_nobody(world: World, browser: Browser) -> None:
    """Without a credential, or with a bearer token that no setting trusts, nobody asks."""
    assert browser.session().status_code == 401
    bearer = f"Bearer {host(world.clock, 'ben')}"
    assert browser.session(Authorization=bearer).status_code == 401


def test_without_a_provider_there_is_no_login(gateway_stage: Stage, clock: MovableClock) -> None:
    """Where the product signs people in itself, login and callback are not found."""
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, clock)
    gateway_stage.app = gateway.app()
    with Browser(gateway.origin) as browser:
        for path in ("/auth/login", "/auth/callback?state=a&code=b"):
            answer = browser.http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@pytest.mark.parametrize("path", ["/auth/session?a=b", "/auth/session?x="])
def test_unknown_parameters(browser: Browser, path: str) -> None:
    """A parameter that a route does not know is refused, not ignored."""
    assert browser.http.get(path, headers=OURS).status_code == 400


def test_keys_that_cannot_be_had(
    gateway_stage: Stage,
    clock: MovableClock,
    provider: SmallProvider,
    oidc: OidcSettings,
    publisher: SmallPublisher,
) -> None:
    """A host token that nobody can judge is a 503, and beside a live session it proves nothing."""
    publisher.failing = Response(status_code=500)
    trusted = jwt_settings(secret=None, jwks_url=publisher.url, algorithms=("ES256",))
    gateway = SmallGateway(gateway_stage.origin, gateway_stage.fetch, clock, oidc=oidc, jwt=trusted)
    gateway_stage.app = gateway.app()
    bearer = signer("ES256", "first").token(claims(clock.now(), sub="ben"))
    with Browser(gateway.origin) as browser:
        browser.sign_in(provider)
        asking = Both(browser, f"bff-dev={browser.session_cookie}")
        for credential in (("Authorization", f"Bearer {bearer}"), ("Cookie", f"host={bearer}")):
            answer = asking.ask(credential)
            assert (answer.status_code, answer.json()["code"]) == (503, "upstream-unavailable")
        beside = asking.ask(("Cookie", f"{asking.session}; host={bearer}"))
        assert (beside.status_code, beside.json()["user"]) == (200, "ana")
