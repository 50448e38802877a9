"""Every change has a line in the audit when it ended: who, what, where, and whose access it changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.catalogue.extensions import catalogue_with
from app.catalogue.operation import Write
from app.testing.world import world
from tests.money.lines import told

from .conftest import Audited

TEAM = "team-acme-brand"
OF_TEAM = {"who": "ben", "team": TEAM, "state": "succeeded"}
ACCOUNT = f"/teams/{TEAM}/ad-accounts/act_1001/permissions"
CAMPAIGN = f"/teams/{TEAM}/meta/campaigns/cmp_1001_1?adAccountId=act_1001"


def test_a_change_of_status(audited: Audited) -> None:
    """Which campaign, and that it runs or not."""
    ben = audited.world.sign_in("ben")
    assert ben.api("PATCH", CAMPAIGN, json={"status": "PAUSED"}).status_code == 200
    assert audited.lines("write-ended") == [
        OF_TEAM
        | {
            "operation": "setCampaignStatus",
            "account": "act_1001",
            "objects": {"campaignId": "cmp_1001_1"},
            "set": {"status": "PAUSED"},
        }
    ]


@pytest.mark.holds(51)
def test_what_changes_access_says_whose(audited: Audited) -> None:
    """Members and permissions: the user, and what he is afterwards; what was written is not told."""
    ben = audited.world.sign_in("ben")
    members = [{"externalUserId": "zoe", "role": "MEMBER"}]
    asked: list[tuple[str, str, Any, dict[str, str]]] = [
        ("POST", f"/teams/{TEAM}/members", {"members": members}, {"zoe": "MEMBER"}),
        ("POST", ACCOUNT, {"externalUserId": "emil", "permission": "VIEWER"}, {"emil": "VIEWER"}),
        ("PATCH", f"{ACCOUNT}/dora", {"permission": "MANAGER"}, {"dora": "MANAGER"}),
        ("DELETE", f"{ACCOUNT}/dora", None, {"dora": "REVOKED"}),
        ("DELETE", f"/teams/{TEAM}/members?externalUserId=dora", None, {"dora": "REMOVED"}),
    ]
    for method, path, body, _ in asked:
        assert ben.api(method, path, json=body).status_code < 300, path
    lines = audited.lines("write-ended", len(asked))
    assert [line["rights"] for line in lines] == [rights for *_, rights in asked]
    assert all(line.items() >= OF_TEAM.items() for line in lines)


def test_who_was_not_taken_has_no_rights(audited: Audited) -> None:
    """Where some of several could not be assigned the line names the others alone."""
    ben = audited.world.sign_in("ben")
    members = [
        {"externalUserId": user, "role": "MEMBER"} for user in ("zoe", "nobody-of-that-name")
    ]
    answer = ben.api("POST", f"/teams/{TEAM}/members", json={"members": members})
    failed = {one["externalUserId"] for one in answer.json()["failed"]}
    (line,) = audited.lines("write-ended")
    assert set(line["rights"]) == {"zoe", "nobody-of-that-name"} - failed
    assert failed


def test_the_admin_of_a_workspace(audited: Audited) -> None:
    """A workspace is handed over, and teams are made and renamed: names are no concern of the audit."""
    ana = audited.world.sign_in("ana")
    made = ana.api("POST", "/workspaces/acme/teams", json={"name": "canary"}).json()
    assert ana.api("PATCH", f"/teams/{made['id']}", json={"name": "canary 2"}).status_code == 200
    body = {"externalUserId": "ben"}
    assert ana.api("PUT", "/workspaces/acme/admin", json=body).status_code == 204
    same = {"who": "ana", "state": "succeeded"}
    assert audited.lines("write-ended", 3) == [
        same | {"operation": "createTeam", "workspace": "acme", "made": {"id": made["id"]}},
        same | {"operation": "renameTeam", "team": made["id"]},
        same
        | {
            "operation": "changeWorkspaceAdmin",
            "workspace": "acme",
            "rights": {"ben": "WORKSPACE_ADMIN"},
        },
    ]


def test_a_refusal_and_an_unknown_end(audited: Audited) -> None:
    """The platform's no is an end, a lost answer is one that nobody knows; our own no is none."""
    ben, dora = audited.world.sign_in("ben"), audited.world.sign_in("dora")
    assert dora.api("PATCH", f"/teams/{TEAM}", json={"name": "Mine"}).status_code == 403
    assert ben.api("PATCH", f"/teams/{TEAM}", json={"nam": "Mine"}).status_code == 422
    audited.world.fault("updateTeamName", "status", status=400)
    assert ben.api("PATCH", f"/teams/{TEAM}", json={"name": "Mine"}).status_code == 422
    audited.world.fault("updateTeamName", "reset", afterEffect=True)
    assert ben.api("PATCH", f"/teams/{TEAM}", json={"name": "Mine"}).status_code == 504
    same = {"who": "ben", "team": TEAM, "operation": "renameTeam"}
    assert audited.lines("write-ended", 2) == [
        same | {"state": "failed", "code": "invalid"},
        same | {"state": "unknown", "code": "outcome-unknown"},
    ]


def test_a_change_that_cannot_be_audited_is_none_the_less_answered(audited: Audited) -> None:
    """It happened; the log says what the audit lacks."""
    ben = audited.world.sign_in("ben")
    audited.lines("session-started")
    moved = audited.path.rename(audited.path.with_suffix(".1"))
    audited.path.mkdir()
    assert ben.api("PATCH", CAMPAIGN, json={"status": "PAUSED"}).status_code == 200
    assert "the end of a write is not in the audit" in audited.world.log.getvalue()
    audited.path.rmdir()
    moved.rename(audited.path)


def test_reads_tell_nothing(audited: Audited) -> None:
    """However they end."""
    ben = audited.world.sign_in("ben")
    audited.lines("session-started")
    before = audited.path.read_bytes()
    for path in (f"/teams/{TEAM}", f"/teams/{TEAM}/members", "/teams/team-globex-shop"):
        ben.api("GET", path)
    assert audited.path.read_bytes() == before


@pytest.mark.parametrize(("scope", "events"), [(None, 0), ("money", 0), ("all", 2)])
def test_no_log_names_people_unasked(scope: str | None, events: int) -> None:
    """Among the log lines stands what spends money, unless all was asked for."""
    with world(audit={} if scope is None else {"scope": scope}) as running:
        ben = running.sign_in("ben")
        assert ben.api("PATCH", CAMPAIGN, json={"status": "PAUSED"}).status_code == 200
    assert [line["event"] for line in told(running)] == ["session-started", "write-ended"][:events]


def test_a_file_may_be_for_money_alone(tmp_path: Path) -> None:
    """BFF_AUDIT__SCOPE=money."""
    path = tmp_path / "audit.jsonl"
    with world(audit={"path": path, "scope": "money"}) as running:
        ben = running.sign_in("ben")
        assert ben.api("PATCH", CAMPAIGN, json={"status": "PAUSED"}).status_code == 200
    assert path.read_bytes() == b""


def test_whoever_names_a_user_says_what_he_becomes() -> None:
    """A write that takes a user's id declares whose rights it changes."""
    for operation in catalogue_with(()).operations:
        if not issubclass(operation, Write):
            continue
        declares = any(
            getattr(operation, hook) is not getattr(Write, hook)
            for hook in ("rights", "grants", "ends_grants_of")
        )
        assert declares is ("externalUserId" in str(operation.model_json_schema())), operation.id
