"""The gateway on a platform that none of us wrote: Prism, which knows our document of it alone.

Prism refuses what the document does not allow and answers what it says. The examples in the
document make of its facts that cleo is the admin of acme and of team-acme-brand.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.catalogue.operation import Operation
from app.clock import MovableClock
from app.main import create_app
from app.testing.world import Browser, GatewayServer, settings_for
from tests.peers.prism import DOCUMENT, prism
from tests.proxy.asks import OPERATIONS, ask_of
from tests.session import host_tokens

SENT = tuple(operation for operation in OPERATIONS if operation.upstream is not None)
HOST_JWT = {
    "secret": host_tokens.SECRET,
    "algorithms": ["HS256"],
    "issuer": host_tokens.ISSUER,
    "audience": host_tokens.AUDIENCE,
}


@pytest.fixture(scope="module")
def cleo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A client of a gateway on Prism, with the product's own token."""
    clock = MovableClock()
    with prism(tmp_path_factory.mktemp("prism") / "log") as platform:
        gateway = GatewayServer()
        upstream = {"base_url": platform, "api_key": "a-key"}
        identity = {"jwt": HOST_JWT, "same_users": True}
        settings = settings_for(platform, gateway.origin, upstream=upstream, identity=identity)
        gateway.start(create_app(settings, clock=clock, log_stream=io.StringIO()))
        with Browser(gateway.origin) as browser:
            token = host_tokens.token(host_tokens.claims(clock.now()))
            browser.headers["Authorization"] = f"Bearer {token}"
            yield browser
        gateway.stop()


@pytest.mark.parametrize("operation", SENT, ids=lambda operation: operation.id)
def test_an_operation_works_on_a_platform_of_others(
    cleo: Browser, operation: type[Operation[Any]]
) -> None:
    """What we send satisfies the document, and an answer made of the document satisfies us."""
    ask = ask_of(operation)
    body = ask.body
    if operation.id == "grantAdAccountAccess":
        body = {"externalUserId": "cleo", "permission": "VIEWER"}  # the only member there is
    answer = cleo.api(ask.method, ask.target, json=body)
    assert answer.status_code == operation.status, answer.text


def test_every_address_is_tried() -> None:
    """The document has no address that these tests leave out, the tokens' own aside."""
    paths = json.loads(Path(DOCUMENT).read_text("utf-8"))["paths"]
    described = {one["operationId"] for item in paths.values() for one in item.values()}
    assert described - {operation.id for operation in SENT} == {"exchangeToken", "refreshToken"}
