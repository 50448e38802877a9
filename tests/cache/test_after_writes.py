"""After a write through us nothing from before it is served, to anyone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import httpx2 as httpx
import pytest

from app.cache.entries import State
from app.cache.epochs import Epochs, LocalEpochs
from app.catalogue import tags
from app.catalogue.operation import Write
from app.catalogue.operations import BUILT_IN
from app.catalogue.shapes import Permission
from app.errors import OutcomeUnknown, UpstreamInvalid, UpstreamUnavailable
from app.gateway.pipeline import Answered
from app.testing.world import Browser, World
from tests import drafts
from tests.cache.reads import (
    ACCOUNT,
    CAMPAIGNS,
    MEMBERS,
    TEAM,
    campaigns,
    members,
    pause,
    permission,
)
from tests.inside import Inside, Platform, inside, platform

INSIGHTS = (
    f"/teams/{TEAM}/meta/insights?adAccountId=act_1001&startDate=2026-01-01&endDate=2026-01-31"
)
OF_THE_TEAM = {
    "team": f"/teams/{TEAM}",
    "members": MEMBERS,
    "connections": f"/teams/{TEAM}/connections",
    "campaigns": CAMPAIGNS,
    "insights": INSIGHTS,
}
# Everything that four users look at before the write, by user and a short name.
READS: dict[str, dict[str, str]] = {
    "ana": {"workspace": "/workspaces/acme", "teams": "/workspaces/acme/teams", **OF_THE_TEAM},
    "cleo": OF_THE_TEAM,
    "kim": {
        "team": "/teams/team-acme-agency",
        "campaigns": "/teams/team-acme-agency/meta/campaigns?adAccountId=act_1003",
    },
    "hugo": {"team": "/teams/team-globex-shop"},
}
EVERYTHING = frozenset(f"{user} {name}" for user, reads in READS.items() for name in reads)
BY_CLEO = frozenset(one for one in EVERYTHING if one.startswith("cleo"))
OF_ACME = frozenset(one for one in EVERYTHING if not one.startswith("hugo"))


def both(*names: str) -> frozenset[str]:
    return frozenset(f"{user} {name}" for user in ("ana", "cleo") for name in names)


@dataclass(frozen=True)
class Change:
    """A write that succeeds, and what of the reads above is not served from before it."""

    user: str
    method: str
    path: str
    drops: frozenset[str]
    body: Any = None


# Between the reads and the write (seconds).
OLD = 10
LISTED = both("team", "members") | {"ana teams"}
CONNECTED = both("connections", "campaigns", "insights")
PERMISSIONS = f"/teams/{TEAM}/ad-accounts/act_1001/permissions"
META = f"/teams/{TEAM}/meta"
OF_ACCOUNT = both("campaigns", "insights")


def created(path: str, body: Any, drops: frozenset[str] = OF_ACCOUNT) -> Change:
    return Change("ben", "POST", f"{META}/{path}?adAccountId=act_1001", drops, body)


CHANGES = {
    "importMetaAccount": created("import", None),
    "createTrafficCampaign": created("campaigns/traffic", drafts.TRAFFIC),
    "createSalesCampaign": created("campaigns/sales", drafts.SALES),
    "createLeadCampaign": created("campaigns/leads", drafts.LEADS),
    "createAwarenessCampaign": created("campaigns/awareness", drafts.AWARENESS),
    "createEngagementCampaign": created("campaigns/engagement", drafts.ENGAGEMENT),
    "createLeadForm": created("lead-forms", drafts.LEAD_FORM, frozenset()),
    "createWorkspace": Change(
        "zoe", "POST", "/workspaces", frozenset(), {"enterpriseId": "initech", "name": "Initech"}
    ),
    "updateWorkspace": Change(
        "ana",
        "PATCH",
        "/workspaces/acme",
        LISTED | {"ana workspace", "kim team"},
        {"name": "Acme Indoor"},
    ),
    "deleteWorkspace": Change("ana", "DELETE", "/workspaces/acme", OF_ACME),
    "changeWorkspaceAdmin": Change(
        "ana",
        "PUT",
        "/workspaces/acme/admin",
        (OF_ACME - BY_CLEO - {"kim campaigns"}) | {"cleo team", "cleo members"},
        {"externalUserId": "ben"},
    ),
    "createTeam": Change(
        "ana", "POST", "/workspaces/acme/teams", frozenset({"ana teams"}), {"name": "Another"}
    ),
    "renameTeam": Change("ben", "PATCH", f"/teams/{TEAM}", LISTED, {"name": "Another name"}),
    "deleteTeam": Change(
        "ana",
        "DELETE",
        "/teams/team-acme-agency",
        frozenset({"ana teams", "kim team", "kim campaigns"}),
    ),
    "assignTeamMembers": Change(
        "ben", "POST", MEMBERS, LISTED, {"members": [{"externalUserId": "zoe", "role": "MEMBER"}]}
    ),
    "removeTeamMembers": Change(
        "ben", "DELETE", f"{MEMBERS}?externalUserId=cleo", LISTED | BY_CLEO
    ),
    "createConnection": Change(
        "ben", "POST", f"/teams/{TEAM}/connections", both("connections"), {"platform": "meta"}
    ),
    # Which accounts hung from it is not known for sure: all below the team goes.
    "disconnect": Change(
        "ben",
        "DELETE",
        f"/teams/{TEAM}/connections/conn-acme-brand",
        CONNECTED | both("team", "members"),
    ),
    "removeAdAccount": Change("ben", "DELETE", f"/teams/{TEAM}/ad-accounts/act_1001", CONNECTED),
    "grantAdAccountAccess": Change(
        "ben",
        "POST",
        PERMISSIONS,
        frozenset(),
        {"externalUserId": "emil", "permission": "VIEWER"},
    ),
    "changeAdAccountAccess": Change(
        "ben", "PATCH", f"{PERMISSIONS}/cleo", BY_CLEO, {"permission": "VIEWER"}
    ),
    "revokeAdAccountAccess": Change("ben", "DELETE", f"{PERMISSIONS}/cleo", BY_CLEO),
    "setCampaignStatus": Change(
        "ben",
        "PATCH",
        f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001",
        both("campaigns", "insights"),
        {"status": "PAUSED"},
    ),
}
WRITES = [operation.id for operation in BUILT_IN.operations if issubclass(operation, Write)]


@pytest.mark.holds(53, 76)
@pytest.mark.parametrize("write", WRITES)
def test_after_a_write_everybody_reads_what_the_platform_says(
    strict_world: World, write: str
) -> None:
    """What it changed is asked anew, what it did not is still kept, and all of it is true."""
    change = CHANGES[write]
    readers = {user: strict_world.sign_in(user) for user in READS}
    for answer in _read_all(readers).values():
        assert answer.status_code == 200, answer.text
    strict_world.advance(OLD)
    writer = readers.get(change.user) or strict_world.sign_in(change.user)
    written = writer.api(change.method, change.path, json=change.body)
    assert written.status_code < 300, written.text

    served = _read_all(readers)
    assert {name for name in served if not _was_kept(served[name])} == change.drops
    strict_world.parts.cache.store.clear()
    assert _told(served) == _told(_read_all(readers))


def _read_all(readers: dict[str, Browser]) -> dict[str, httpx.Response]:
    return {
        f"{user} {name}": readers[user].api("GET", path)
        for user, reads in READS.items()
        for name, path in reads.items()
    }


def _was_kept(answer: httpx.Response) -> bool:
    """From before the write. (Readers who share may be served what one of them fetched after it.)"""
    return int(answer.headers.get("age", 0)) >= OLD


def _told(answers: dict[str, httpx.Response]) -> dict[str, tuple[int, str]]:
    """Status and data; a problem is told by its code."""
    return {
        name: (one.status_code, one.text if one.status_code == 200 else one.json()["code"])
        for name, one in answers.items()
    }


# --- while a write is under way, and when its end was not seen ------------------------------------


async def state_of(gateway: Inside, *, stored: bool) -> None:
    """The next read asks the platform; whether its answer is kept."""
    found = (await gateway.ask("ben", campaigns())).found
    assert found is not None
    assert (found.state, found.stored) == (State.MISS, stored)


@pytest.mark.holds(76)
@pytest.mark.parametrize("after_effect", [True, False], ids=["done early", "done late"])
def test_a_read_that_overlaps_a_write_is_not_kept(sandbox: Platform, after_effect: bool) -> None:
    """Whenever the platform carries the write out, what was read meanwhile is asked anew."""

    async def scenario(gateway: Inside) -> Answered:
        await gateway.ask("ben", pause("cmp_1001_2"))  # so that facts are there
        sandbox.fault("updateCampaignStatus", "latency", seconds=0.2, after_effect=after_effect)
        writing = asyncio.create_task(gateway.ask("ben", pause()))
        await gateway.until(lambda: sandbox.asked("updateCampaignStatus") == 2)
        await state_of(gateway, stored=False)
        await state_of(gateway, stored=False)
        assert not writing.done()
        await writing
        await state_of(gateway, stored=True)
        return await gateway.ask("ben", campaigns())

    last = inside(sandbox, scenario)
    assert last.found is not None
    assert last.found.state is State.HIT
    assert b'"cmp_1001_1","name":"Spring' in last.body


@pytest.mark.holds(76)
@pytest.mark.parametrize(
    ("kind", "problem"),
    [("reset", OutcomeUnknown), ("status", OutcomeUnknown), ("garbage", UpstreamInvalid)],
)
def test_while_an_outcome_is_unknown_nothing_is_kept(
    sandbox: Platform, kind: Any, problem: type[Exception]
) -> None:
    """For the write deadline after an end that was not seen, reads under its tags stay unkept."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", campaigns())
        await gateway.ask("ben", members())
        sandbox.fault("updateCampaignStatus", kind, after_effect=True)
        with pytest.raises(problem):
            await gateway.ask("ben", pause())
        await state_of(gateway, stored=False)
        sandbox.clock.advance(29)
        await state_of(gateway, stored=False)
        found = (await gateway.ask("ben", members())).found
        assert found is not None
        assert found.state is State.HIT  # what the write does not touch is kept as ever
        sandbox.clock.advance(2)
        await state_of(gateway, stored=True)

    inside(sandbox, scenario, upstream={"write_deadline": 30})


@pytest.mark.holds(76)
@pytest.mark.parametrize("another_between", [False, True])
def test_a_read_begun_while_an_outcome_was_unknown_is_never_kept(
    sandbox: Platform, another_between: bool
) -> None:
    """It may have seen the state from before the write, even when it ends after that time."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", campaigns())
        sandbox.fault("updateCampaignStatus", "reset")
        with pytest.raises(OutcomeUnknown):
            await gateway.ask("ben", pause())
        sandbox.clock.advance(29)
        await gateway.ask("ben", members())  # so that facts are there
        sandbox.forget()
        sandbox.fault("getCampaigns", "latency", seconds=0.3, after_effect=True)
        slow = asyncio.create_task(gateway.ask("ben", campaigns()))
        await gateway.until(lambda: sandbox.asked("getCampaigns") == 1)
        sandbox.sandbox.world.set_status("cmp_1001_1", "PAUSED")  # the write takes effect at last
        sandbox.clock.advance(2)
        if another_between:
            await gateway.parts.epochs.current({tags.account(ACCOUNT)})
        found = (await slow).found
        assert found is not None
        assert not found.stored
        await state_of(gateway, stored=True)

    inside(sandbox, scenario)


@pytest.mark.holds(76)
def test_a_write_cancelled_under_way_counts_as_unknown(sandbox: Platform) -> None:
    """Its request may have arrived: nothing is kept until it cannot take effect any more."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", campaigns())
        sandbox.fault("updateCampaignStatus", "latency", seconds=0.2)
        writing = asyncio.create_task(gateway.ask("ben", pause()))
        await gateway.until(lambda: sandbox.asked("updateCampaignStatus") == 1)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
        await state_of(gateway, stored=False)
        sandbox.clock.advance(31)
        await state_of(gateway, stored=True)

    inside(sandbox, scenario)


@pytest.mark.holds(83)
def test_a_write_that_was_not_sent_is_said_so_and_leaves_no_trace() -> None:
    """A platform that takes no connection has not seen the change: 503, nothing barred or noted."""

    async def scenario(gateway: Inside) -> None:
        await gateway.ask("ben", permission(Permission.MANAGER))
        gateway.platform.server.stop()
        with pytest.raises(UpstreamUnavailable):
            await gateway.ask("ben", permission(Permission.VIEWER))
        row = await gateway.parts.grants.find(TEAM, ACCOUNT, "cleo")
        assert row is not None
        assert row.permission == "MANAGER"
        assert bars_of(gateway.parts.epochs) == {}

    with platform() as alone:
        inside(alone, scenario)


@pytest.mark.holds(76, 87)
def test_a_write_whose_browser_goes_away_is_finished(strict_world: World) -> None:
    """The connection is cut while the platform works on it: it ends, and what was kept is gone."""
    ben, cleo = strict_world.sign_in("ben"), strict_world.sign_in("cleo")
    assert _campaign(cleo)["status"] == "ACTIVE"
    strict_world.fault("updateCampaignStatus", "latency", seconds=0.3)
    path = CHANGES["setCampaignStatus"].path
    with pytest.raises(httpx.ReadTimeout):
        ben.api("PATCH", path, json={"status": "PAUSED"}, timeout=0.15)
    while not any(call["status"] for call in strict_world.calls("updateCampaignStatus")):
        pass
    while bars_of(strict_world.parts.epochs):
        pass
    assert _campaign(cleo)["status"] == "PAUSED"


def bars_of(epochs: Epochs) -> object:
    """What writes bar at the moment."""
    assert isinstance(epochs, LocalEpochs)
    return epochs._bars


def _campaign(browser: Browser) -> dict[str, Any]:
    items: list[dict[str, Any]] = browser.read(CAMPAIGNS)["items"]
    return next(item for item in items if item["id"] == "cmp_1001_1")
