"""Where a trace begins and where it goes on: nobody from outside decides what is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.settings_check import faults
from app.testing.world import settings_for
from tests.cache.reads import CAMPAIGNS

from .spans import Traced, traced

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SAMPLED = {"traceparent": f"00-{TRACE}-{SPAN}-01", "tracestate": "canary=1", "baggage": "canary=1"}
HERE, ELSEWHERE = ["127.0.0.0/8"], ["192.0.2.1"]


def trace_of(running: Traced, headers: dict[str, str]) -> str:
    """The trace of a request with these headers."""
    ben = running.sign_in("ben")
    assert ben.api("GET", CAMPAIGNS, headers=headers).status_code == 200
    return f"{running.requests()[0].context.trace_id:032x}"


@pytest.mark.holds(42)
@pytest.mark.parametrize(
    ("proxies", "trust", "goes_on"),
    [(HERE, True, True), (HERE, False, False), (ELSEWHERE, True, False)],
)
def test_a_trace_goes_on_from_a_proxy_alone(proxies: list[str], trust: bool, goes_on: bool) -> None:
    """It takes the setting, and the address of a proxy at the other end of the connection."""
    public = {"trusted_proxies": proxies}
    with traced(public=public, tracing={"trust_parent": trust}) as running:
        headers = SAMPLED | {"X-Forwarded-For": "192.0.2.1"}
        assert (trace_of(running, headers) == TRACE) is goes_on


def test_what_is_no_parent_is_none() -> None:
    """A proxy's header that says nothing begins a new trace, and harms nothing."""
    with traced(public={"trusted_proxies": HERE}, tracing={"trust_parent": True}) as running:
        ben = running.sign_in("ben")
        headers: dict[str, Any]
        for given in ("", "00-0-0-01", f"ff-{TRACE}-{SPAN}-01", "\xff", "0" * 5000):
            headers = {"traceparent": given.encode("latin-1")}
            assert ben.get("/auth/session", headers=headers).status_code == 200
        twice = [("traceparent", SAMPLED["traceparent"])] * 2
        assert ben.get("/auth/session", headers=[("X-BFF", "1"), *twice]).status_code == 200
        traces = {f"{span.context.trace_id:032x}" for span in running.requests(6)}
        assert len(traces) == 6
        assert TRACE not in traces


def test_what_is_not_sampled_leaves_nothing() -> None:
    """The proxy said no: neither a span, nor a trace in the log, nor a word to the platform."""
    on = {"trust_parent": True, "propagate": True}
    with traced(public={"trusted_proxies": HERE}, tracing=on) as running:
        ben = running.sign_in("ben")
        answer = ben.api("GET", CAMPAIGNS, headers={"traceparent": f"00-{TRACE}-{SPAN}-00"})
        assert answer.status_code == 200
        assert running.world.browser().get("/healthz").status_code == 200
        assert running.requests()[0].name == "GET /healthz"
        lines = map(json.loads, running.world.log.getvalue().splitlines())
        (line,) = [one for one in lines if one.get("operation") == "listCampaigns"]
        assert "trace_id" not in line
        assert line["calls"] == 4
        assert not any("traceparent" in call.headers for call in running.world.sandbox.calls.list())


@pytest.mark.holds(29)
@pytest.mark.parametrize("propagate", [True, False])
def test_the_platform_is_told_of_the_trace_alone(propagate: bool) -> None:
    """And only where that is set: never what the caller's headers said besides."""
    on = {"trust_parent": True, "propagate": propagate}
    with traced(public={"trusted_proxies": HERE}, tracing=on) as running:
        assert trace_of(running, SAMPLED) == TRACE
        calls = running.world.sandbox.calls.list()
        asked = {
            f"{span.context.span_id:016x}" for span in running.spans if span.name == "upstream"
        }
        told = {call.headers.get("traceparent") for call in calls}
        assert told == ({f"00-{TRACE}-{span}-01" for span in asked} if propagate else {None})
        assert not any({"tracestate", "baggage"} & set(call.headers) for call in calls)


@pytest.mark.parametrize(
    ("tracing", "public", "named"),
    [
        ({"trust_parent": True}, {"trusted_proxies": HERE}, "BFF_TRACING__TRUST_PARENT"),
        ({"propagate": True}, {}, "BFF_TRACING__PROPAGATE"),
        ({"enabled": True, "trust_parent": True}, {}, "BFF_PUBLIC__TRUSTED_PROXIES"),
    ],
)
def test_settings_that_mean_nothing_do_not_start(
    tracing: dict[str, bool], public: dict[str, Any], named: str
) -> None:
    """The sentence names the setting and the way out."""
    settings = settings_for(
        "http://localhost:1", "http://localhost:2", tracing=tracing, public=public
    )
    (sentence,) = faults(settings)
    assert named in sentence
