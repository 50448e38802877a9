"""What a refusal leaves behind: a line in the log, a count, and no more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.catalogue.operation import Rule, Write
from app.catalogue.tags import Tag
from app.gateway.rules import Rules
from app.settings import AccessSettings
from app.testing.world import World
from tests.access.acme import CAMPAIGNS, TEAM, change, set_status


def refusals(running: World) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in running.log.getvalue().splitlines()]
    return [line for line in lines if line["event"] == "access refused"]


@pytest.mark.holds(58)
def test_refusals_are_logged_with_rule_and_actor(strict_world: World) -> None:
    """Each refusal names the rule and a hash of the actor: one per user, never the user."""
    ben, cleo, zoe = (strict_world.sign_in(user) for user in ("ben", "cleo", "zoe"))
    change(ben, "cleo", "VIEWER")
    zoe.api("GET", CAMPAIGNS)
    cleo.api("PATCH", f"/teams/{TEAM}", json={"name": "Mine"})
    set_status(cleo)
    told = refusals(strict_world)
    assert [(line["operation"], line["rule"], line["code"]) for line in told] == [
        ("listCampaigns", "account.read", "not-found"),
        ("renameTeam", "teamAdmin", "forbidden"),
        ("setCampaignStatus", "account.write", "forbidden"),
    ]
    actors = [line["actor"] for line in told]
    assert actors[0] != actors[1] == actors[2]
    for name in ("zoe", "cleo", TEAM, "act_1001"):
        assert name not in json.dumps(told)
    assert strict_world.parts.counters.value("access_refused") == 3
    assert strict_world.parts.counters.value("access_refused", operation="renameTeam") == 1


@pytest.mark.holds(55)
def test_every_rule_is_judged(strict_world: World) -> None:
    """There is no rule that an operation could name and nobody looks at."""
    parts = strict_world.parts
    rules = Rules(parts.facts, parts.grants, AccessSettings(), lambda _team: False)
    assert set(rules.by_rule) == set(Rule)


@pytest.mark.holds(55)
def test_an_operation_without_access_does_not_import() -> None:
    """A declaration that forgets who may is an error when its class is made."""
    with pytest.raises(TypeError, match="declares no `access`"):

        class Forgetful(Write[None]):
            """Do something."""

            route = "POST /something"
            upstream = None
            status = 204

            def drops(self, known: Any) -> set[Tag]:  # noqa: ARG002  # as declared
                return set()
