"""The pages' policies as a browser applies them."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Error, expect

from app.testing.world import World

from .screen import Screen

OPERATIONS_WANTED = ("listCampaigns", "setCampaignStatus", "getMetaInsights", "getSession")


def test_the_console_may_run_nothing_else(screen: Screen) -> None:
    """Markup with a script, a style in the page and another host's picture are all refused."""
    screen.open()
    with pytest.raises(Error, match="TrustedHTML"):
        screen.page.evaluate("document.body.innerHTML = '<img src=x onerror=alert(1)>'")
    screen.page.evaluate(
        """() => {
          const style = document.createElement("style");
          style.textContent = "body { display: none }";
          document.head.append(style);
          const picture = document.createElement("img");
          picture.src = "https://example.com/pixel.png";
          document.body.append(picture);
        }"""
    )
    expect(screen.page.locator("body")).to_be_visible()
    refused = " ".join(screen.faults)
    assert "policy: style-src-elem inline" in refused
    assert "policy: img-src https://example.com/pixel.png" in refused


def test_the_documentation_works_without_another_host(screen: Screen, strict_world: World) -> None:
    """Every described operation is shown, nothing breaks the policy, nobody else is asked."""
    document = strict_world.browser().get("/openapi.json").json()
    described = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    assert set(OPERATIONS_WANTED) <= set(described)
    screen.open("/docs")
    expect(screen.page.locator(".opblock")).to_have_count(len(described))
    screen.page.locator("#operations-Session-getSession button.opblock-summary-control").click()
    screen.page.get_by_role("button", name="Execute").click()
    answer = screen.page.locator(".live-responses-table")
    expect(answer).to_contain_text("unauthenticated")
    assert screen.hosts == {screen.origin.removeprefix("http://")}
    assert screen.faults == []


def test_the_documentation_sends_what_the_gateway_asks(screen: Screen) -> None:
    """A call that is tried out carries the header without which cookies are not accepted."""
    screen.sign_in("ben")
    screen.open("/docs")
    screen.page.locator("#operations-Session-getSession button.opblock-summary-control").click()
    with screen.page.expect_response("**/auth/session") as asked:
        screen.page.get_by_role("button", name="Execute").click()
    assert asked.value.status == 200
    assert json.loads(asked.value.text())["user"] == "ben"
