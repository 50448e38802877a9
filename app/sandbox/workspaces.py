"""Operations 1–7: tokens and workspaces."""

from __future__ import annotations

from app.sandbox.records import Workspace
from app.sandbox.refusal import bad_request, not_found
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Fields, Reply, timestamp


def _exchange_token(asking: Asking) -> Reply:
    body = Fields(asking.body)
    external_id = body.text("externalUserId")
    body.done()
    user = asking.world.user(external_id).external_id
    tokens = asking.sandbox.tokens
    pair = {
        "accessToken": tokens.issue(user, "access"),
        "refreshToken": tokens.issue(user, "refresh"),
    }
    return Reply(pair, 201)


def _refresh_token(asking: Asking) -> Reply:
    return Reply({"accessToken": asking.sandbox.tokens.issue(_user(asking), "access")})


def _create_workspace(asking: Asking) -> Reply:
    body = Fields(asking.body)
    name, enterprise_id = body.text("workspaceName"), body.text("enterpriseId")
    body.done()
    if enterprise_id in asking.world.workspaces:
        raise bad_request("Workspace already exists with the same enterpriseId")
    made = asking.world.create_workspace(enterprise_id, name, _user(asking))
    return Reply({"id": made.id, "name": made.name, **_times(made)}, 201)


def _get_workspace(asking: Asking) -> Reply:
    found = asking.rights.workspace(asking.path["id"])
    data = {
        "id": found.id,
        "name": found.name,
        "admin": {"externalUserId": found.admin},
        "enterpriseId": found.enterprise_id,
        **_times(found),
    }
    return Reply(data)


def _update_workspace(asking: Asking) -> Reply:
    found = asking.rights.workspace_admin(asking.path["id"])
    body = Fields(asking.body)
    name = body.optional_text("name")
    body.done()
    changed = asking.world.rename_workspace(found.enterprise_id, name or found.name)
    data = {
        "id": changed.id,
        "name": changed.name,
        "adminId": asking.world.user(changed.admin).id,
        "enterpriseId": changed.enterprise_id,
        **_times(changed),
    }
    return Reply(data)


def _delete_workspace(asking: Asking) -> Reply:
    found = asking.rights.workspace_admin(asking.path["id"])
    asking.world.delete_workspace(found.enterprise_id)
    return Reply(None, message="Workspace deleted successfully with its teams")


def _change_admin(asking: Asking) -> Reply:
    found = asking.rights.workspace_admin(asking.path["enterpriseId"])
    body = Fields(asking.body)
    admin = body.text("adminId")
    body.done()
    if admin not in asking.world.users:
        raise not_found("User")
    asking.world.change_admin(found.enterprise_id, admin)
    return Reply(None, message="Admin changed successfully")


def _user(asking: Asking) -> str:
    assert asking.actor is not None, "this operation always has a user"
    return asking.actor


def _times(workspace: Workspace) -> dict[str, str]:
    return {"createdAt": timestamp(workspace.created), "updatedAt": timestamp(workspace.updated)}


WORKSPACES: dict[int, Handler] = {
    1: _exchange_token,
    2: _refresh_token,
    3: _create_workspace,
    4: _get_workspace,
    5: _update_workspace,
    6: _delete_workspace,
    7: _change_admin,
}
