"""No request becomes dearer unnoticed."""

from __future__ import annotations

import pytest

from tests.guard import baseline
from tests.guard.calls import costs

# What may differ without being a change of ours: how answers fall into reads of a socket.
TOLERANCE = 0.05


def test_requests_cost_what_they_did() -> None:
    """In calls of functions a request costs no more than was written down, and no less: whoever makes
    one cheaper lets the next one keep it (`python -m tests.guard`)."""
    expected = baseline.read()
    if expected is None:
        pytest.skip(f"the baseline was taken with another Python than {baseline.PYTHON}")
    found = costs()
    assert found.keys() == expected.keys()
    apart = {
        kind: (expected[kind], calls)
        for kind, calls in found.items()
        if abs(calls - expected[kind]) > max(3, TOLERANCE * expected[kind])
    }
    assert not apart, "expected and found: see tests/guard/__main__.py"
