"""Operations 23–25: a member's permission on an ad account. None of them is ever readable again."""

from __future__ import annotations

from app.sandbox.records import Permission
from app.sandbox.refusal import bad_request, not_found
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Fields, Reply, timestamp

_PERMISSIONS: tuple[Permission, ...] = ("MANAGER", "VIEWER")

_Key = tuple[str, str, str]


def _assign(asking: Asking) -> Reply:
    permission = _permission(asking)
    key = _key(asking)
    if (key[0], key[2]) not in asking.world.members:
        raise bad_request("User is not a member of this team")
    if key in asking.world.grants:
        raise bad_request("Ads account already assigned to this member")
    made = asking.world.grant(*key, permission)
    data = {
        "id": made.id,
        "permission": made.permission,
        "updatedAt": timestamp(made.updated),
        "createdAt": timestamp(made.created),
        "adsAccount": {"accountId": asking.world.accounts[key[1]].account_id},
    }
    return Reply(data, 201)


def _revoke(asking: Asking) -> Reply:
    asking.world.revoke(*_existing(asking))
    return Reply(None, message="Ad account revoked from member successfully")


def _change(asking: Asking) -> Reply:
    permission = _permission(asking)
    asking.world.grant(*_existing(asking), permission)
    return Reply(None, message="Ad account changed successfully")


def _permission(asking: Asking) -> Permission:
    body = Fields(asking.body)
    permission = body.one_of("permission", _PERMISSIONS)
    body.done()
    return permission


def _key(asking: Asking) -> _Key:
    """(team, internal account id, user), once the caller may manage that team's accounts."""
    body = Fields(asking.body)
    account_id, user = body.text("adAccountId"), body.text("externalUserId")
    body.done()
    team = asking.rights.team_admin(asking.path["teamId"])
    return team.id, asking.rights.reads(team.id, account_id).id, user


def _existing(asking: Asking) -> _Key:
    key = _key(asking)
    if key not in asking.world.grants:
        raise not_found("Permission")
    return key


GRANTS: dict[int, Handler] = {23: _assign, 24: _revoke, 25: _change}
