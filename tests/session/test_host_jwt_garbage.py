"""Garbage in the place of host tokens, made by a machine."""

from __future__ import annotations

import json

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import Unauthenticated

from .host_tokens import (
    SECRET,
    claims,
    raw_token,
)
from .trusting import HS256, ask, now, own_key, verified

_LIMITED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
_SENDABLE = st.characters(min_codepoint=0x21, max_codepoint=0xFF, exclude_characters="\x7f")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@pytest.mark.holds(33)
@_LIMITED
@given(header=_JSON, payload=_JSON, signed=st.booleans())
def test_signed_garbage(header: object, payload: object, signed: bool) -> None:
    """Any JSON, even signed with the right secret, is refused in one and the same way."""
    with pytest.raises(Unauthenticated):
        verified(own_key(), raw_token(header, payload, SECRET.encode() if signed else b"x"))


@pytest.mark.holds(33)
@_LIMITED
@given(name=st.sampled_from(["iss", "aud", "exp", "nbf", "iat", "sub"]), value=_JSON)
def test_one_claim_of_garbage(name: str, value: object) -> None:
    """A token good but for one claim is judged, never a crash; only `sub` may be any usable text."""
    payload = json.dumps({**claims(now()), name: value})
    try:
        accepted = verified(own_key(), raw_token(HS256, payload))
    except Unauthenticated:
        return
    assert name in {"sub", "nbf"}
    assert accepted.user == (value if name == "sub" else "cleo")


@pytest.mark.holds(33, 72)
@_LIMITED
@given(text=st.text(_SENDABLE, min_size=1, max_size=60).map(lambda text: text.encode("latin-1")))
def test_garbage_over_http(http: httpx2.Client, text: bytes) -> None:
    """Whatever bytes stand after Bearer, the answer is a 4xx."""
    assert ask(http, text).status_code in {400, 401}
