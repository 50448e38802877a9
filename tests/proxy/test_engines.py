"""Which engine asks the platform is a setting, and the gateway is the same with either."""

from __future__ import annotations

import pytest

from app.testing.world import world
from app.upstream.direct import DirectExchange
from app.upstream.exchange import Exchange, HttpxExchange
from tests.proxy.asks import WHO


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [
        ({}, DirectExchange),
        ({"engine": "direct"}, DirectExchange),
        ({"engine": "httpx"}, HttpxExchange),
    ],
    ids=["nothing said", "direct", "httpx"],
)
def test_the_gateway_asks_with_the_chosen_engine(
    chosen: dict[str, str], kind: type[Exchange]
) -> None:
    """Reads and changes work with each; people sign in over httpx, which knows many origins."""
    with world(upstream=chosen) as running:
        ana = running.sign_in(WHO)
        assert ana.read("/teams/team-acme-brand")["name"] == "Acme Brand"
        renamed = ana.api("PATCH", "/teams/team-acme-brand", json={"name": "Acme"})
        assert renamed.status_code == 200
        assert ana.read("/teams/team-acme-brand")["name"] == "Acme"
        assert isinstance(running.parts.platform.resilience._exchange, kind)
        assert isinstance(running.parts.fetching, HttpxExchange)
