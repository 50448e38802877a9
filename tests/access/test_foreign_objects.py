"""Whoever has no business with an object is told that it does not exist."""

from __future__ import annotations

import pytest

from app.testing.world import Browser, World
from tests.access.examples import BY_ID, EXAMPLES, Ids, refused, send, success, with_parameter

OWN = Ids()
GLOBEX = Ids("globex", "team-globex-shop", "act_2001", "conn-globex-shop", "cmp_2001_1", "hugo")
NOWHERE = Ids("nowhere", "team-nowhere", "act_9999", "conn-nowhere", "cmp_9999_1", "nobody")

Browsers = dict[str, Browser]


def _is_for_admins(operation: str) -> bool:
    return "teamAdmin" in BY_ID[operation].access or "workspaceAdmin" in BY_ID[operation].access


def _is_beyond(operation: str, user: str) -> bool:
    rules = BY_ID[operation].access
    return "workspaceAdmin" in rules or (user == "cleo" and "teamAdmin" in rules)


BEYOND = [
    (user, operation)
    for user in ("cleo", "ben")
    for operation in sorted(EXAMPLES)
    if operation != "createWorkspace" and _is_beyond(operation, user)
]


@pytest.fixture(scope="module")
def browsers(shared_world: World) -> Browsers:
    return {user: shared_world.sign_in(user) for user in ("ana", "ben", "cleo", "gwen", "zoe")}


@pytest.mark.holds(45, 46)
def test_every_operation_has_an_example_that_its_admin_may_do(either_world: World) -> None:
    """Every declared operation has an example here, and the workspace's admin may do each."""
    assert set(EXAMPLES) == set(BY_ID), "a new operation needs an example"
    ana = either_world.sign_in("ana")
    either_world.sandbox.world.grant("team-acme-brand", "acc-1001", "cleo", "MANAGER")
    for operation in EXAMPLES:
        if operation in {"createWorkspace", "changeWorkspaceAdmin", "getWrite"}:
            continue  # there is one already; its deletion comes last; he made no such write
        answer = send(ana, operation, OWN)
        assert answer.status_code == BY_ID[operation].status, (operation, answer.text)


@pytest.mark.holds(45, 57)
@pytest.mark.parametrize("user", ["ana", "ben", "cleo", "zoe"])
@pytest.mark.parametrize("operation", with_parameter("teamId"))
def test_a_foreign_team_looks_like_none(
    shared_world: World, browsers: Browsers, operation: str, user: str
) -> None:
    """A team of another workspace answers like one that does not exist, and sees no operation."""
    foreign = refused(browsers[user], shared_world, operation, GLOBEX)
    assert foreign["code"] == "not-found"
    assert foreign == refused(browsers[user], shared_world, operation, NOWHERE)
    # Ids of one's own beside the foreign team change nothing.
    mixed = refused(browsers[user], shared_world, operation, OWN.but(team=GLOBEX.team))
    assert mixed == foreign


@pytest.mark.holds(45, 57)
@pytest.mark.parametrize("operation", with_parameter("teamId"))
def test_a_team_of_the_same_workspace_is_foreign_too(
    shared_world: World, browsers: Browsers, operation: str
) -> None:
    """Being in one team of a workspace opens no other team of it, not even to read."""
    ids = Ids(team="team-acme-agency", account="act_1003", connection="conn-acme-agency")
    foreign = refused(browsers["ben"], shared_world, operation, ids)
    assert foreign["code"] == "not-found"
    assert foreign == refused(browsers["ben"], shared_world, operation, NOWHERE)


@pytest.mark.holds(57)
@pytest.mark.parametrize("user", ["ben", "gwen", "zoe"])
@pytest.mark.parametrize("operation", with_parameter("enterpriseId"))
def test_a_foreign_workspace_looks_like_none(
    shared_world: World, browsers: Browsers, operation: str, user: str
) -> None:
    """A workspace of which he has neither the admin's role nor a team answers like none."""
    theirs = "acme" if user == "gwen" else "globex"
    foreign = refused(browsers[user], shared_world, operation, Ids(enterprise=theirs))
    assert foreign["code"] == "not-found"
    assert foreign == refused(browsers[user], shared_world, operation, NOWHERE)


@pytest.mark.holds(46, 57)
@pytest.mark.parametrize("user", ["ana", "ben", "cleo"])
@pytest.mark.parametrize("operation", with_parameter("adAccountId"))
def test_an_ad_account_of_others_looks_like_none(
    shared_world: World, browsers: Browsers, operation: str, user: str
) -> None:
    """An account that is not connected to the very team is foreign, even to the workspace's admin."""
    # A permission can be taken from a member whatever the account: see `revokeAdAccountAccess`.
    own = OWN.but(user="nobody")
    absent = refused(browsers[user], shared_world, operation, own.but(account="act_9999"))
    administers = user != "cleo" or not _is_for_admins(operation)
    assert absent["code"] == ("not-found" if administers else "forbidden")
    for account in ("act_2001", "act_1003", "acc-1001", "ACT_1001"):
        foreign = refused(browsers[user], shared_world, operation, own.but(account=account))
        assert foreign == absent, account


@pytest.mark.holds(48, 57)
def test_a_connection_of_others_looks_like_none(shared_world: World, browsers: Browsers) -> None:
    """A connection can be deleted through its own team alone."""
    absent = refused(browsers["ana"], shared_world, "disconnect", OWN.but(connection="conn-no"))
    assert absent["code"] == "not-found"
    for connection in ("conn-acme-agency", "conn-globex-shop"):
        ids = OWN.but(connection=connection)
        assert refused(browsers["ana"], shared_world, "disconnect", ids) == absent


@pytest.mark.holds(48, 57)
@pytest.mark.parametrize("user", ["ana", "ben", "cleo"])
def test_a_campaign_of_another_account_looks_like_none(
    shared_world: World, browsers: Browsers, user: str
) -> None:
    """A campaign can be changed through its own ad account alone."""
    absent = refused(browsers[user], shared_world, "setCampaignStatus", OWN.but(campaign="cmp_no"))
    assert absent["code"] == "not-found"
    for campaign in ("cmp_1002_1", "cmp_2001_1"):
        ids = OWN.but(campaign=campaign)
        assert refused(browsers[user], shared_world, "setCampaignStatus", ids) == absent


@pytest.mark.holds(45, 51)
@pytest.mark.parametrize(("user", "operation"), BEYOND)
def test_a_missing_role_is_forbidden_before_the_platform_sees_anything(
    shared_world: World, browsers: Browsers, operation: str, user: str
) -> None:
    """Members are refused what admins of the team may, and those what its workspace's admin may."""
    assert refused(browsers[user], shared_world, operation, OWN)["code"] == "forbidden"


@pytest.mark.holds(47)
@pytest.mark.parametrize("operation", ["listCampaigns", "getMetaInsights", "setCampaignStatus"])
def test_the_ad_account_must_be_named(
    shared_world: World, browsers: Browsers, operation: str
) -> None:
    """The id that access is decided on is required, although the platform lets it be left out."""
    shared_world.sandbox.calls.clear()
    declared, example = BY_ID[operation], EXAMPLES[operation]
    path = declared.path.format(teamId=OWN.team, campaignId=OWN.campaign)
    ben = browsers["ben"]
    answer = ben.api(declared.method, path, params=dict(example.query) or None, json=example.body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/query/adAccountId"
    assert not shared_world.sandbox.calls.list()


@pytest.mark.holds(49)
def test_an_id_given_twice_is_malformed(shared_world: World, browsers: Browsers) -> None:
    """Which of two values is checked and which forwarded is never a question."""
    shared_world.sandbox.calls.clear()
    query = "adAccountId=act_1001&adAccountId=act_2001"
    answer = browsers["ben"].api("GET", f"/teams/{OWN.team}/meta/campaigns?{query}")
    assert answer.json()["code"] == "malformed"
    assert not shared_world.sandbox.calls.list()


@pytest.mark.holds(49)
@pytest.mark.parametrize("team", ["TEAM-ACME-BRAND", "team-acme-brand%20", "team%2Dacme-brand"])
def test_ids_have_one_form(shared_world: World, browsers: Browsers, team: str) -> None:
    """Another spelling is another id; an encoded one is decoded once and is the same."""
    answer = browsers["ben"].api("GET", f"/teams/{team}")
    expected = {"TEAM-ACME-BRAND": 404, "team-acme-brand%20": 422, "team%2Dacme-brand": 200}
    assert answer.status_code == expected[team]


@pytest.mark.holds(49, 57)
def test_an_answer_about_another_id_is_no_answer(strict_world: World) -> None:
    """A platform that takes another spelling for the same id opens nothing and tells nothing."""
    members = [{"id": "m", "role": "ADMIN", "user": {"externalUserId": "ben"}}]
    named = {"id": "team-acme-brand", "name": "Acme Brand", "isDefault": False}
    data = named | {"workspace": {"enterpriseId": "acme"}, "TeamMembers": members}
    strict_world.fault("getTeam", "status", status=200, body=success(data), times=None)
    for user in ("ben", "zoe"):
        answer = strict_world.sign_in(user).api("GET", "/teams/TEAM-acme-brand")
        assert answer.json()["code"] == "not-found", user
