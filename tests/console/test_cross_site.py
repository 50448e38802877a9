"""What pages of other sites can do in the browser of somebody who is signed in: nothing.

The gateway is `app.x.localhost`. `evil.x.localhost` is another origin of the same site, as a sibling
subdomain is; `evil.localhost` and `127.0.0.1`, where the identity provider lives, are other sites.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.testing.world import GatewayServer, World, world
from tests.console.other_sites import other_sites

APP, SIBLING, ELSEWHERE = "app.x.localhost", "evil.x.localhost", "evil.localhost"
TARGETS = {
    "pause": (
        "PATCH",
        "/api/v1/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001",
        '{"status":"PAUSED"}',
    ),
    "rename": ("PATCH", "/api/v1/teams/team-acme-brand", '{"name":"Mine"}'),
    "import": ("POST", "/api/v1/teams/team-acme-brand/meta/import?adAccountId=act_1001", ""),
    "assign": (
        "POST",
        "/api/v1/teams/team-acme-brand/members",
        '{"members":[{"externalUserId":"hugo","role":"ADMIN"}]}',
    ),
    "sign out": ("POST", "/auth/logout", ""),
}
READ = "/api/v1/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001"

# Each way gives what the page could read of the answer, or why not.
FETCH = """async ([url, options]) => {
  try {
    const answer = await fetch(url, { credentials: "include", ...options });
    return `${answer.type} ${answer.status} ${(await answer.text()).slice(0, 80)}`;
  } catch (error) { return String(error); }
}"""
FORM = """([url, type, body]) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.name = "sink";
  frame.addEventListener("load", () => done("loaded"));
  const form = Object.assign(document.createElement("form"), {
    method: "post", action: url, enctype: type, target: "sink" });
  form.append(Object.assign(document.createElement("input"), { name: body || "a", value: "" }));
  document.body.append(frame, form);
  form.submit();
})"""
EMBED = """([tag, url]) => new Promise((done) => {
  const element = document.createElement(tag);
  for (const event of ["load", "error"]) element.addEventListener(event, () => done(event));
  if (tag === "link") Object.assign(element, { rel: "stylesheet", href: url });
  else element[tag === "object" ? "data" : "src"] = url;
  document.body.append(element);
})"""


@pytest.fixture(scope="module")
def sites() -> Iterator[int]:
    with other_sites() as port:
        yield port


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    with world(gateway=GatewayServer(APP)) as running:
        yield running


@pytest.fixture
def victim(shared_world: World, chromium: Browser) -> Iterator[BrowserContext]:
    """A browser where ben is signed in; what the platform saw since is in the call log."""
    context = chromium.new_context()
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, shared_world.origin)
    # The overview follows its figures, and would ask by itself.
    with page.expect_event("requestfailed"):
        page.get_by_role("link", name="Sessions", exact=True).click()
    expect(page.locator("#sessions li").first).to_be_visible()
    while asking(shared_world):
        page.wait_for_timeout(20)
    shared_world.advance(120)  # what is kept and known has aged away: a read would be seen
    shared_world.sandbox.calls.clear()
    yield context
    context.close()


def asking(running: World) -> bool:
    """Whether the gateway has yet to notice that the streams of pages that are gone have ended, this one's
    and those of the test before, or still fetches something for them."""
    parts = running.parts
    return parts.streams._open.total() > 0 or bool(parts.cache._flights)


def sign_in(page: Page, origin: str, user: str = "ben") -> None:
    page.goto(origin)
    page.get_by_role("link", name="Sign in").click()
    page.locator(f'button[value="{user}"]').click()
    expect(page.locator("#console")).to_be_visible()
    expect(page.locator("svg.chart").first).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)


def at(context: BrowserContext, host: str, port: int) -> Page:
    page = context.new_page()
    page.goto(f"http://{host}:{port}/")
    return page


def lines_of(running: World) -> list[dict[str, Any]]:
    """The gateway's lines about requests."""
    lines = [json.loads(line) for line in running.log.getvalue().strip("\0").splitlines()]
    return [line for line in lines if line["event"] == "request"]


def untouched(running: World, context: BrowserContext) -> None:
    """Nothing reached the platform, nothing changed, and ben is still signed in."""
    assert [call.name for call in running.sandbox.calls.list()] == []
    assert running.sandbox.world.campaigns["cmp_1001_1"].status == "ACTIVE"
    page = context.new_page()
    page.goto(running.origin)
    expect(page.locator("#console")).to_be_visible()


@pytest.mark.holds(19, 20, 21, 22)
@pytest.mark.parametrize("host", [SIBLING, ELSEWHERE])
def test_forms_of_other_origins_change_nothing(
    victim: BrowserContext, shared_world: World, sites: int, host: str
) -> None:
    """Whatever a form can post, with a body that reads as JSON or with none, is refused."""
    page = at(victim, host, sites)
    for _, path, body in TARGETS.values():
        for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
            page.evaluate(FORM, [shared_world.origin + path, kind, body])
    untouched(shared_world, victim)


@pytest.mark.holds(19, 20, 21, 22, 24)
@pytest.mark.parametrize("host", [SIBLING, ELSEWHERE])
def test_scripts_of_other_origins_change_and_read_nothing(
    victim: BrowserContext, shared_world: World, sites: int, host: str
) -> None:
    """Simple requests arrive and are refused, those that need permission are not even sent.

    A sibling's requests carry the cookie, since it is the same site: there the CSRF rules refuse.
    """
    page = at(victim, host, sites)
    shared_world.log.truncate(0)
    simple: dict[str, Any] = {"method": "POST", "mode": "no-cors"}
    for method, path, body in TARGETS.values():
        url = shared_world.origin + path
        # Cross-Origin-Resource-Policy keeps even the opaque answer from the page.
        assert "TypeError" in page.evaluate(FETCH, [url, simple | {"body": body or None}])
        asked = {"method": method, "headers": {"X-BFF": "1", "Content-Type": "application/json"}}
        assert "TypeError" in page.evaluate(FETCH, [url, asked | {"body": body or None}])
    posts = [line for line in lines_of(shared_world) if line["method"] == "POST"]
    assert len(posts) == len(TARGETS)
    assert {line["status"] for line in posts} == (
        {403, 405} if host == SIBLING else {401, 403, 405}
    )
    assert ("csrf" if host == SIBLING else "unauthenticated") in {line["code"] for line in posts}
    for options in ({}, {"headers": {"X-BFF": "1"}}, {"mode": "no-cors"}):
        seen = page.evaluate(FETCH, [shared_world.origin + READ, options])
        assert "cmp_" not in seen
        assert "TypeError" in seen or seen.startswith("opaque 0")
    untouched(shared_world, victim)


@pytest.mark.holds(19, 22, 23)
@pytest.mark.parametrize("host", [SIBLING, ELSEWHERE])
def test_what_is_embedded_or_opened_asks_for_nothing(
    victim: BrowserContext, shared_world: World, sites: int, host: str
) -> None:
    """Images, scripts, frames, styles, objects, windows and links reach the door and no further."""
    page = at(victim, host, sites)
    for path in (READ, *(path for _, path, _ in TARGETS.values())):
        for tag in ("img", "script", "iframe", "link", "object", "video"):
            page.evaluate(EMBED, [tag, shared_world.origin + path])
        with victim.expect_page() as opened:
            page.evaluate("url => { window.open(url) }", shared_world.origin + path)
        opened.value.wait_for_load_state()
        assert "cmp_" not in opened.value.content()
        opened.value.close()
    page.goto(shared_world.origin + READ)
    assert "cmp_" not in page.content()
    untouched(shared_world, victim)


@pytest.mark.holds(3, 25)
def test_signing_in_across_sites_works_with_a_strict_cookie(
    victim: BrowserContext, shared_world: World
) -> None:
    """The identity provider is another site: the callback's own page sees the new session."""
    (cookie,) = (one for one in victim.cookies() if one["name"] == "bff-dev")
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert cookie["domain"] == APP  # of this host alone: a Domain attribute would begin with a dot
    page = victim.pages[0]
    assert cookie["value"] not in page.evaluate("document.cookie")


@pytest.mark.holds(1, 2, 3, 4, 5, 6)
def test_over_https_the_browser_keeps_a_host_cookie(chromium: Browser, tmp_path: Path) -> None:
    """`__Host-bff`: Secure, HttpOnly, Strict, for this host and every path; a browser took it."""
    issued = trustme.CA().issue_cert(APP)
    files = tmp_path / "cert.pem", tmp_path / "key.pem"
    issued.cert_chain_pems[0].write_to_path(files[0])
    issued.private_key_pem.write_to_path(files[1])
    with world(gateway=GatewayServer(APP, files)) as running:
        context = chromium.new_context(ignore_https_errors=True)
        context.set_default_timeout(15_000)
        sign_in(context.new_page(), running.origin)
        (cookie,) = (one for one in context.cookies() if one["name"].startswith("__Host-bff"))
        assert cookie["name"] == "__Host-bff"
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Strict")
        assert (cookie["domain"], cookie["path"]) == (APP, "/")
        context.close()


@pytest.mark.holds(15)
def test_going_back_after_signing_out_shows_nothing(
    victim: BrowserContext, shared_world: World
) -> None:
    """Neither the page before nor the one after comes back with what was on it."""
    page = victim.pages[0]
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page.locator("#campaigns")).to_contain_text("Brand film")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("link", name="Sign in")).to_be_visible()
    for go in (page.go_back, page.go_back, page.go_forward, page.go_forward):
        go()
        page.wait_for_load_state()
        expect(page.locator("#console")).not_to_be_visible()
        assert "Brand film" not in page.content()
