"""Proof: account data goes to whom the platform itself answered about it, a short while ago."""

from __future__ import annotations

import pytest

from app.testing.world import World
from tests.access.acme import ACCOUNT, CAMPAIGNS, TEAM, asked, code, set_status
from tests.access.test_recording import asking
from tests.harness import reads_together, together

NAMES = f"{CAMPAIGNS}&fields=name"


@pytest.mark.holds(53, 74)
def test_one_users_answer_proves_nothing_for_another(strict_world: World) -> None:
    """What one member reads is not served to another whom the platform refuses."""
    ben, emil = strict_world.sign_in("ben"), strict_world.sign_in("emil")
    ben.read(CAMPAIGNS)
    assert code(emil.api("GET", CAMPAIGNS)) == "forbidden"


@pytest.mark.holds(53)
def test_a_permission_lost_at_the_platform_bites_within_the_ttl(strict_world: World) -> None:
    """Data is kept for 60 s, a proof for 30: after that the platform is asked, and refuses."""
    dora = strict_world.sign_in("dora")
    dora.read(CAMPAIGNS)
    strict_world.sandbox.world.revoke(TEAM, "acc-1001", "dora")
    strict_world.advance(29)
    assert dora.api("GET", CAMPAIGNS).headers["cache-status"].startswith("bff; hit; ttl")
    strict_world.advance(2)
    assert code(dora.api("GET", CAMPAIGNS)) == "forbidden"


@pytest.mark.holds(53, 54, 77)
def test_a_refusal_ends_all_that_is_kept_of_the_account(strict_world: World) -> None:
    """Refused for one question, the others of the account are not served from before either."""
    dora = strict_world.sign_in("dora")
    dora.read(CAMPAIGNS)
    dora.read(NAMES)
    strict_world.sandbox.world.revoke(TEAM, "acc-1001", "dora")
    strict_world.advance(31)
    assert code(dora.api("GET", NAMES)) == "forbidden"
    strict_world.fault("*", "reset", times=None)
    assert dora.api("GET", CAMPAIGNS).status_code == 503
    strict_world.heal()
    assert code(dora.api("GET", CAMPAIGNS)) == "forbidden"


@pytest.mark.holds(53)
def test_a_refusal_met_on_the_way_to_a_write_counts_too(strict_world: World) -> None:
    """Refused when the gateway looked for the campaign, what was kept is not served any more."""
    cleo = strict_world.sign_in("cleo")
    cleo.read(CAMPAIGNS)
    strict_world.fault("getCampaigns", "status", status=403)
    assert code(set_status(cleo)) == "forbidden"
    assert asked(strict_world, "updateCampaignStatus") == 0
    strict_world.sandbox.calls.clear()
    assert cleo.api("GET", CAMPAIGNS).status_code == 200
    assert asked(strict_world, "getCampaigns") == 1


@pytest.mark.holds(52)
def test_one_revalidation_serves_all_who_wait(either_world: World) -> None:
    """Without a live proof one question goes upstream, however many wait, whatever they asked."""
    ben = either_world.sign_in("ben")
    ben.read(CAMPAIGNS)
    ben.read(NAMES)
    either_world.advance(31)
    either_world.sandbox.calls.clear()
    either_world.fault("getCampaigns", "latency", seconds=0.1)
    asks = [asking(ben, "GET", path) for path in (CAMPAIGNS, NAMES) * 10]
    answers = together(asks, either_world.origin)
    assert {answer.status_code for answer in answers} == {200}
    assert asked(either_world, "getCampaigns") == 1


@pytest.mark.holds(52)
def test_a_refused_revalidation_refuses_all_who_wait(strict_world: World) -> None:
    """When the one question is refused, nobody who waited is served from before."""
    dora = strict_world.sign_in("dora")
    dora.read(CAMPAIGNS)
    strict_world.advance(31)
    strict_world.sandbox.calls.clear()
    strict_world.fault("getCampaigns", "status", status=403, seconds=0.1)
    strict_world.fault("getCampaigns", "reset", times=None)
    answers = reads_together(dora, CAMPAIGNS, 10)
    assert {code(answer) for answer in answers} == {"forbidden"}
    assert asked(strict_world, "getCampaigns") == 1


@pytest.mark.holds(54)
@pytest.mark.parametrize("kind", ["garbage", "content-type", "key-revoked"])
def test_only_a_good_answer_is_a_proof(strict_world: World, kind: str) -> None:
    """An answer that cannot be trusted, or a refused key, proves nothing and serves nothing."""
    ben = strict_world.sign_in("ben")
    ben.read(CAMPAIGNS)
    strict_world.advance(31)
    strict_world.fault("getCampaigns", kind, times=None)
    for _ in range(2):
        answer = ben.api("GET", CAMPAIGNS)
        assert answer.status_code == 502, answer.text
    strict_world.heal()
    strict_world.sandbox.calls.clear()
    assert ben.api("GET", CAMPAIGNS).status_code == 200
    assert asked(strict_world, "getCampaigns") == 1


@pytest.mark.holds(53)
def test_a_proof_is_for_one_team_and_one_account(either_world: World) -> None:
    """The same account through another team, and another account of the team, are asked anew."""
    ana = either_world.sign_in("ana")
    ana.read(f"/teams/{TEAM}/meta/campaigns?adAccountId=act_1002")
    for path in (
        f"/teams/team-acme-agency/meta/campaigns?adAccountId={'act_1002'}",
        f"/teams/{TEAM}/meta/campaigns?adAccountId={ACCOUNT}",
    ):
        either_world.sandbox.calls.clear()
        ana.read(path)
        assert asked(either_world, "getCampaigns") == 1
