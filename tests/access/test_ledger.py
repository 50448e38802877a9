"""The ledger: MANAGER and VIEWER as they passed through us, which the platform never tells."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.ledger.grants import Remembered
from app.testing.world import World, world
from tests.access.acme import (
    CAMPAIGNS,
    PERMISSIONS,
    asked,
    change,
    code,
    grant,
    remembered,
    revoke,
    set_status,
)


@pytest.mark.holds(46, 51, 53)
def test_a_remembered_viewer_reads_and_does_not_write(either_world: World) -> None:
    """Who was given VIEWER may read; his change is refused before the platform sees it."""
    ben, emil = either_world.sign_in("ben"), either_world.sign_in("emil")
    assert grant(ben, "emil", "VIEWER").status_code == 201
    assert emil.api("GET", CAMPAIGNS).status_code == 200
    assert code(set_status(emil)) == "forbidden"
    assert asked(either_world, "updateCampaignStatus") == 0


@pytest.mark.holds(51)
def test_a_remembered_manager_writes(either_world: World) -> None:
    """Who was given MANAGER may change campaigns."""
    ben, emil = either_world.sign_in("ben"), either_world.sign_in("emil")
    assert grant(ben, "emil", "MANAGER").status_code == 201
    assert set_status(emil).status_code == 200


@pytest.mark.holds(52, 53)
def test_a_downgrade_and_a_revocation_bite_at_once(either_world: World) -> None:
    """A downgrade ends writing, a revocation reading too: at once, whatever is kept or proven."""
    ben, cleo = either_world.sign_in("ben"), either_world.sign_in("cleo")
    assert change(ben, "cleo", "MANAGER").status_code == 204
    assert set_status(cleo).status_code == 200
    cleo.read(CAMPAIGNS)

    assert change(ben, "cleo", "VIEWER").status_code == 204
    assert code(set_status(cleo)) == "forbidden"
    cleo.read(CAMPAIGNS)

    assert revoke(ben, "cleo").status_code == 204
    either_world.sandbox.calls.clear()
    assert code(cleo.api("GET", CAMPAIGNS)) == "forbidden"
    assert code(set_status(cleo)) == "forbidden"
    assert asked(either_world, "getCampaigns") == asked(either_world, "updateCampaignStatus") == 0


def test_admins_stand_above_the_ledger(either_world: World) -> None:
    """An ADMIN of the team and the workspace's admin write, whatever was remembered of them."""
    ana, ben = either_world.sign_in("ana"), either_world.sign_in("ben")
    assert grant(ana, "ben", "VIEWER").status_code == 201
    assert set_status(ben).status_code == 200
    assert set_status(ana, "ACTIVE").status_code == 200


@pytest.mark.holds(51)
def test_a_permission_is_for_members_only(either_world: World) -> None:
    """Nobody can be granted an account in a team that does not list him."""
    ben = either_world.sign_in("ben")
    for user in ("hugo", "nobody"):
        assert code(grant(ben, user, "MANAGER")) == "not-a-member"
        assert code(change(ben, user, "MANAGER")) == "not-a-member"
    assert asked(either_world, "assignAdAccount") == asked(either_world, "changeAdAccount") == 0
    assert remembered(either_world, "hugo") is None


@pytest.mark.holds(51)
def test_nobody_grants_himself_anything(either_world: World) -> None:
    """A member cannot raise his own permission, nor take that of another."""
    cleo, dora = either_world.sign_in("cleo"), either_world.sign_in("dora")
    assert code(change(dora, "dora", "MANAGER")) == "forbidden"
    assert code(grant(cleo, "emil", "MANAGER")) == "forbidden"
    assert code(revoke(cleo, "dora")) == "forbidden"
    seen = {call.name for call in either_world.sandbox.calls.list()}
    assert not seen & {"assignAdAccount", "revokeAdAccount", "changeAdAccount"}


def test_admins_see_what_is_remembered(strict_world: World) -> None:
    """The list of permissions shows who has which, by whom and since when it was set."""
    ben = strict_world.sign_in("ben")
    grant(ben, "emil", "VIEWER")
    change(ben, "cleo", "MANAGER")
    revoke(ben, "dora")
    listed = {one["externalUserId"]: one for one in ben.read(PERMISSIONS)["items"]}
    assert {user: one["permission"] for user, one in listed.items()} == {
        "cleo": "MANAGER",
        "dora": "REVOKED",
        "emil": "VIEWER",
    }
    assert {one["setBy"] for one in listed.values()} == {"ben"}


@pytest.fixture(params=["strict", "lax"])
def refusing_world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A gateway that refuses where the ledger knows nothing."""
    with world(strict=request.param == "strict", access={"unknown_grants": "refuse"}) as running:
        yield running


def test_an_unknown_permission_can_be_refused(refusing_world: World) -> None:
    """UNKNOWN_GRANTS=refuse: what no admin granted through us is refused, to admins nothing is."""
    ana, ben, cleo = (refusing_world.sign_in(user) for user in ("ana", "ben", "cleo"))
    assert code(cleo.api("GET", CAMPAIGNS)) == code(set_status(cleo)) == "forbidden"
    assert asked(refusing_world, "getCampaigns") == 0
    assert ana.api("GET", CAMPAIGNS).status_code == ben.api("GET", CAMPAIGNS).status_code == 200
    change(ben, "cleo", "MANAGER")
    assert cleo.api("GET", CAMPAIGNS).status_code == set_status(cleo).status_code == 200


def test_the_ledger_survives_a_restart(tmp_path: Path) -> None:
    """With a file, what was remembered before a restart still refuses after it."""
    ledger = {"path": str(tmp_path / "deep" / "bff.db")}
    with world(ledger=ledger) as before:
        ben = before.sign_in("ben")
        assert change(ben, "cleo", "VIEWER").status_code == 204
        assert revoke(ben, "dora").status_code == 204
    with world(strict=False, ledger=ledger) as after:
        assert remembered(after, "cleo") is Remembered.VIEWER
        assert code(set_status(after.sign_in("cleo"))) == "forbidden"
        assert code(after.sign_in("dora").api("GET", CAMPAIGNS)) == "forbidden"
