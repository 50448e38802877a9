"""The proxy of a cluster and of compose.yaml is the one that docs/frontends.md explains."""

from __future__ import annotations

import re

import pytest

from deploy.cluster import nginx
from tests.peers.nginx import TEXT

# What decides who is asked, how often, and what he is told of the caller.
DIRECTIVES = re.compile(r"^\s*((?:proxy_|keepalive)\w*\s[^;]*);", re.MULTILINE)


def test_the_lines_of_the_proxy_are_those_of_the_handbook() -> None:
    """What was learned of one stands in the other."""
    (printed,) = re.findall(r"^```nginx\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    template = nginx.TEMPLATE.read_text("utf-8")
    assert DIRECTIVES.findall(template) == DIRECTIVES.findall(printed)


def test_a_value_that_is_missing_is_noticed() -> None:
    """nginx's own names stay as they are."""
    assert nginx.filled("listen ${LISTEN}; $host", {"LISTEN": "80"}) == "listen 80; $host"
    with pytest.raises(KeyError):
        nginx.filled("${REPLICAS}", {})
