"""Conditional requests, beyond what the cache's own tests show."""

from __future__ import annotations

import pytest

from app.testing.world import World

PAUSE = "/teams/team-acme-brand/meta/campaigns/cmp_1001_1?adAccountId=act_1001"


@pytest.mark.holds(49)
def test_a_change_with_an_ambiguous_condition_is_refused_before_it_is_sent(
    strict_world: World,
) -> None:
    """A header that may appear once and appears twice is a 400, and the platform sees no change."""
    ben = strict_world.sign_in("ben")
    repeated = [("X-BFF", "1"), ("If-None-Match", '"a"'), ("If-None-Match", '"b"')]
    answer = ben.api("PATCH", PAUSE, json={"status": "PAUSED"}, headers=repeated)
    assert answer.status_code == 400, answer.text
    assert strict_world.calls("updateCampaignStatus") == []
