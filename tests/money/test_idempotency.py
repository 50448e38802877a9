"""The same Idempotency-Key spends once, whatever is done with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.testing.world import API, World, world
from tests import drafts

from .asks import ACCOUNT, PATHS, TEAM, named, outcome, sent, spend


@pytest.mark.holds(88)
@pytest.mark.parametrize("operation", PATHS)
def test_a_replay_is_the_answer_that_was_given(strict_world: World, operation: str) -> None:
    """All six: the second request is answered like the first, says so, and reaches nobody."""
    ben = strict_world.sign_in("ben")
    first = spend(ben, "key-1", operation)
    assert first.status_code == 201, first.text
    assert "idempotency-replayed" not in first.headers
    again = spend(ben, '"key-1"', operation)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert sent(strict_world, operation) == 1
    told = outcome(ben, "key-1")
    assert (told["state"], told["operation"]) == ("succeeded", operation)
    assert told["answer"] == first.json()


@pytest.mark.holds(88)
@pytest.mark.parametrize(
    "headers",
    [{}, {"Idempotency-Key": ""}, {"Idempotency-Key": "a b"}, {"Idempotency-Key": "k" * 65}],
    ids=["missing", "empty", "odd", "long"],
)
def test_without_a_key_nothing_is_sent(strict_world: World, headers: dict[str, str]) -> None:
    """A write that spends money says which one it is."""
    ben = strict_world.sign_in("ben")
    strict_world.forget_calls()
    answer = ben.post(
        f"{API}{TEAM}{PATHS['createTrafficCampaign']}",
        params=ACCOUNT,
        json=drafts.BODIES["createTrafficCampaign"],
        headers=headers,
    )
    assert answer.status_code in {400, 422}
    assert "Idempotency-Key" in answer.text
    assert strict_world.calls() == []


@pytest.mark.holds(88)
def test_a_key_is_for_one_request(strict_world: World) -> None:
    """Another body, account or kind under the same key is refused; a name's order is no change."""
    ben = strict_world.sign_in("ben")
    assert spend(ben, "key-1").status_code == 201
    for answer in (
        spend(ben, "key-1", campaignName="Another"),
        spend(ben, "key-1", "createSalesCampaign"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "key-reused")
    body = dict(reversed(drafts.BODIES["createTrafficCampaign"].items()))
    same = ben.api(
        "POST",
        TEAM + PATHS["createTrafficCampaign"],
        params=ACCOUNT,
        json=body,
        headers={"Idempotency-Key": "key-1"},
    )
    assert same.status_code == 201
    assert (sent(strict_world), sent(strict_world, "createSalesCampaign")) == (1, 0)


@pytest.mark.holds(88)
def test_keys_are_each_users_own(strict_world: World) -> None:
    """Two users who happen to use one key make two campaigns, and neither hears of the other's."""
    ben, cleo, dora = (strict_world.sign_in(user) for user in ("ben", "cleo", "dora"))
    assert spend(ben, "key-1").json() != spend(cleo, "key-1").json()
    assert sent(strict_world) == 2
    assert dora.api("GET", "/writes/key-1").status_code == 404
    assert ben.api("GET", "/writes/key-2").status_code == 404


@pytest.mark.holds(88)
def test_many_at_once_make_one(strict_world: World) -> None:
    """Of twenty at the same moment one is sent; the others are told to wait, or what came of it."""
    ben = strict_world.sign_in("ben")
    strict_world.fault("createTrafficCampaign", "latency", seconds=0.5)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: spend(ben, "key-1"), range(20)))
    assert sent(strict_world) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    pending = [answer.json() for answer in answers if answer.status_code == 409]
    assert pending
    assert {(one["code"], one["statusUrl"]) for one in pending} == {
        ("write-pending", "/api/v1/writes/key-1")
    }


@pytest.mark.holds(88)
def test_a_refusal_frees_the_key(strict_world: World) -> None:
    """What was refused, here or by the platform, was not done: mended, it may be sent under its key."""
    ben = strict_world.sign_in("ben")
    assert spend(ben, "key-1", budget=0).status_code == 422
    strict_world.fault("createTrafficCampaign", "status", status=400)
    assert spend(ben, "key-1").status_code == 422
    assert outcome(ben, "key-1")["state"] == "failed"
    strict_world.fault("getCampaigns", "status", status=500, times=None)
    assert spend(ben, "key-1").status_code == 502
    strict_world.heal()
    assert spend(ben, "key-1").status_code == 201
    assert len(named(strict_world, "Summer tents")) == 1


@pytest.mark.holds(52, 88)
def test_access_is_checked_before_a_replay(strict_world: World) -> None:
    """Who lost his rights is told neither the old answer nor what became of it."""
    ben, cleo = strict_world.sign_in("ben"), strict_world.sign_in("cleo")
    assert spend(cleo, "key-1").status_code == 201
    path = f"{TEAM}/ad-accounts/act_1001/permissions/cleo"
    assert ben.api("PATCH", path, json={"permission": "VIEWER"}).status_code == 204
    assert spend(cleo, "key-1").json()["code"] == "forbidden"
    assert cleo.api("GET", "/writes/key-1").json()["code"] == "forbidden"


@pytest.mark.holds(62)
def test_a_budget_has_a_ceiling_where_one_is_set() -> None:
    """More than the environment allows is refused with the ceiling, and nothing is sent."""
    with world(limits={"logins_per_minute": 0, "max_daily_budget": 60}) as running:
        ben = running.sign_in("ben")
        answer = spend(ben, "key-1", budget=61)
        assert (answer.status_code, answer.json()["errors"]) == (
            422,
            [{"pointer": "/body/budget", "message": "must be at most 60 here"}],
        )
        assert sent(running) == 0
        assert spend(ben, "key-1", budget=60).status_code == 201


@pytest.mark.holds(88)
def test_it_is_remembered_for_a_day() -> None:
    """So long a replay is a replay; after that the key may be used anew."""
    with world(session={"absolute_seconds": 86_400, "idle_seconds": 86_400}) as running:
        assert spend(running.sign_in("ben"), "key-1").status_code == 201
        running.advance(86_300)
        assert spend(running.sign_in("ben"), "key-1").headers["idempotency-replayed"] == "true"
        running.advance(101)
        assert "idempotency-replayed" not in spend(running.sign_in("ben"), "key-1").headers
        assert sent(running) == 2
