"""Who may do what on one ad account. The platform lets us set this and never read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.known import Known
from app.catalogue.operation import Grant, Recall, Rule, Upstream, Write
from app.catalogue.shapes import AdAccountId, Answer, Draft, Permission, TeamId, UserId
from app.catalogue.tags import Tag


class RememberedPermission(StrEnum):
    """A permission as the gateway remembers it; REVOKED refuses reads as well."""

    MANAGER = "MANAGER"
    VIEWER = "VIEWER"
    REVOKED = "REVOKED"


class AccountAccess(Answer):
    """One remembered permission, by whom it was set and when."""

    external_user_id: str
    permission: RememberedPermission
    set_by: str
    set_at: datetime


class GrantedAccess(Answer):
    external_user_id: str
    permission: Permission


class AccessDraft(Draft):
    external_user_id: UserId
    permission: Annotated[Permission, Field(description="MANAGER changes, VIEWER reads")]


class AccessChange(Draft):
    permission: Annotated[Permission, Field(description="MANAGER changes, VIEWER reads")]


class ListAdAccountAccess(Recall[AccountAccess]):
    """List the permissions on an ad account that were set through this gateway."""

    route = "GET /teams/{teamId}/ad-accounts/{adAccountId}/permissions"
    upstream = None
    access = (Rule.TEAM, Rule.TEAM_ADMIN, Rule.ACCOUNT_OF_TEAM)

    team_id: TeamId
    ad_account_id: AdAccountId

    def about(self) -> tuple[str, str]:
        return self.team_id, self.ad_account_id


class PermissionChange(BaseModel):
    """What setting, changing and revoking a permission share."""

    team_id: TeamId
    ad_account_id: AdAccountId

    def drops(self, known: Known) -> set[Tag]:
        subject = self._subject()
        return {tags.user(subject), tags.reader(subject, self.team_id, self.ad_account_id)}

    def grants(self, known: Known) -> Sequence[Grant]:
        permission = getattr(getattr(self, "body", None), "permission", None)
        return [Grant(self.team_id, self.ad_account_id, self._subject(), permission)]

    def _subject(self) -> str:
        subject = getattr(self, "subject", None)
        assert isinstance(subject, str)
        return subject


class GrantAdAccountAccess(PermissionChange, Write[GrantedAccess]):
    """Give a member of the team MANAGER or VIEWER rights on an ad account."""

    route = "POST /teams/{teamId}/ad-accounts/{adAccountId}/permissions"
    upstream = Upstream(23, "POST /{teamId}/ads-accounts/assign", Evidence.DOCUMENTED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN, Rule.ACCOUNT_OF_TEAM, Rule.SUBJECT_IS_MEMBER)
    status = 201
    wire = Any

    body: AccessDraft

    def answer(self, data: Any, known: Known) -> GrantedAccess:
        return GrantedAccess(
            external_user_id=self.body.external_user_id, permission=self.body.permission
        )


class ChangeAdAccountAccess(PermissionChange, Write[None]):
    """Change a member's rights on an ad account."""

    route = "PATCH /teams/{teamId}/ad-accounts/{adAccountId}/permissions/{externalUserId}"
    upstream = Upstream(25, "POST /{teamId}/ads-accounts/change", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN, Rule.ACCOUNT_OF_TEAM, Rule.SUBJECT_IS_MEMBER)
    status = 204

    external_user_id: UserId
    body: AccessChange


class RevokeAdAccountAccess(PermissionChange, Write[None]):
    """Take away a user's rights on an ad account."""

    route = "DELETE /teams/{teamId}/ad-accounts/{adAccountId}/permissions/{externalUserId}"
    upstream = Upstream(24, "POST /{teamId}/ads-accounts/revoke", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN, Rule.ACCOUNT_OR_SUBJECT)
    status = 204
    gone_is_done = True

    external_user_id: UserId
