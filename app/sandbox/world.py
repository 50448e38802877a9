"""The platform's state and what its operations do to it. No HTTP, no callers: see rights.py."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.clock import Clock
from app.sandbox.records import (
    AdAccount,
    Campaign,
    Connection,
    Grant,
    LeadForm,
    Member,
    Permission,
    Role,
    Status,
    Team,
    User,
    Workspace,
)

TENANT = "tenant-demo"


class World:
    """Everything of one tenant. Records are values; a change puts a new one in its place."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_id = 0
        self.users: dict[str, User] = {}
        self.workspaces: dict[str, Workspace] = {}
        self.teams: dict[str, Team] = {}
        self.members: dict[tuple[str, str], Member] = {}
        self.accounts: dict[str, AdAccount] = {}
        self.connections: dict[str, Connection] = {}
        self.grants: dict[tuple[str, str, str], Grant] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.lead_forms: dict[str, LeadForm] = {}
        self.imported: dict[str, float] = {}

    # Users and workspaces

    def user(self, external_id: str) -> User:
        """The user with that external id, made when there is none yet."""
        if external_id not in self.users:
            self.users[external_id] = User(external_id, f"user-{external_id}")
        return self.users[external_id]

    def create_workspace(self, enterprise_id: str, name: str, admin: str) -> Workspace:
        """A workspace and its default team, in which the admin is ADMIN."""
        now = self._clock.now()
        made = Workspace(f"ws-{enterprise_id}", enterprise_id, name, admin, now, now)
        self.workspaces[enterprise_id] = made
        team = self.create_team(
            enterprise_id, f"{name} default", f"team-{enterprise_id}-default", is_default=True
        )
        self.assign(team.id, admin, "ADMIN")
        return made

    def rename_workspace(self, enterprise_id: str, name: str) -> Workspace:
        return self._put_workspace(replace(self.workspaces[enterprise_id], name=name))

    def change_admin(self, enterprise_id: str, admin: str) -> None:
        self._put_workspace(replace(self.workspaces[enterprise_id], admin=admin))

    def _put_workspace(self, changed: Workspace) -> Workspace:
        made = replace(changed, updated=self._clock.now())
        self.workspaces[made.enterprise_id] = made
        return made

    def delete_workspace(self, enterprise_id: str) -> None:
        """The workspace goes with its teams."""
        for team in self.teams_of(enterprise_id):
            self.delete_team(team.id)
        del self.workspaces[enterprise_id]

    # Teams and members

    def create_team(
        self, enterprise_id: str, name: str, team_id: str = "", *, is_default: bool = False
    ) -> Team:
        now = self._clock.now()
        made = Team(team_id or self.new_id("team"), enterprise_id, name, is_default, now, now)
        self.teams[made.id] = made
        return made

    def teams_of(self, enterprise_id: str) -> list[Team]:
        return [team for team in self.teams.values() if team.enterprise_id == enterprise_id]

    def default_team(self, enterprise_id: str) -> Team:
        return next(team for team in self.teams_of(enterprise_id) if team.is_default)

    def rename_team(self, team_id: str, name: str) -> Team:
        made = replace(self.teams[team_id], name=name, updated=self._clock.now())
        self.teams[team_id] = made
        return made

    def delete_team(self, team_id: str) -> None:
        """The team goes with its members, connections and permissions."""
        for connection in self.connections_of(team_id):
            self.disconnect(connection.id)
        for member in self.members_of(team_id):
            self.remove(team_id, member.user)
        del self.teams[team_id]

    def members_of(self, team_id: str) -> list[Member]:
        return [member for (team, _), member in self.members.items() if team == team_id]

    def assign(self, team_id: str, user: str, role: Role) -> Member:
        now = self._clock.now()
        made = Member(f"member-{team_id}-{user}", user, role, now, now)
        self.members[team_id, user] = made
        return made

    def remove(self, team_id: str, user: str) -> None:
        """The member goes with his permissions in that team."""
        del self.members[team_id, user]
        for key in [key for key in self.grants if key[0] == team_id and key[2] == user]:
            del self.grants[key]

    # Connections and ad accounts

    def account(self, any_id: str) -> AdAccount | None:
        """By internal id or by the advertising platform's."""
        if any_id in self.accounts:
            return self.accounts[any_id]
        return next((one for one in self.accounts.values() if one.account_id == any_id), None)

    def add_account(self, account: AdAccount, campaigns: Iterable[Campaign]) -> None:
        self.accounts[account.id] = account
        self.add_campaigns(campaigns)

    def connect(
        self, team_id: str, accounts: Iterable[str], connection_id: str = "", platform: str = "meta"
    ) -> Connection:
        made = Connection(connection_id or self.new_id("conn"), team_id, tuple(accounts), platform)
        self.connections[made.id] = made
        return made

    def connections_of(self, team_id: str) -> list[Connection]:
        return [one for one in self.connections.values() if one.team_id == team_id]

    def accounts_of(self, team_id: str) -> list[AdAccount]:
        """The accounts that are connected to the team, each once."""
        ids = [account for one in self.connections_of(team_id) for account in one.accounts]
        return [self.accounts[one] for one in dict.fromkeys(ids)]

    def teams_with(self, account: str) -> list[str]:
        """The teams to which this account is connected."""
        return [one.team_id for one in self.connections.values() if account in one.accounts]

    def disconnect(self, connection_id: str) -> Connection:
        """The connection and the rights that hung from it; its accounts stay, unconnected."""
        gone = self.connections.pop(connection_id)
        for account in gone.accounts:
            if gone.team_id not in self.teams_with(account):
                self._drop_grants(account, gone.team_id)
        return gone

    def remove_account(self, account: str) -> int:
        """The account leaves the whole tenant; how many connections it left empty, and so deleted."""
        for one in list(self.connections.values()):
            left = tuple(kept for kept in one.accounts if kept != account)
            self.connections[one.id] = replace(one, accounts=left)
        empty = [one.id for one in self.connections.values() if not one.accounts]
        for connection_id in empty:
            del self.connections[connection_id]
        for campaign in self.campaigns_of(account):
            del self.campaigns[campaign.id]
        for form in self.forms_of(account):
            del self.lead_forms[form.id]
        self.imported.pop(account, None)
        self._drop_grants(account)
        del self.accounts[account]
        return len(empty)

    # Permissions

    def grant(self, team_id: str, account: str, user: str, permission: Permission) -> Grant:
        """Gives the permission, or changes the one that is there."""
        now = self._clock.now()
        before = self.grants.get((team_id, account, user))
        if before is None:
            made = Grant(self.new_id("grant"), permission, now, now)
        else:
            made = replace(before, permission=permission, updated=now)
        self.grants[team_id, account, user] = made
        return made

    def revoke(self, team_id: str, account: str, user: str) -> None:
        del self.grants[team_id, account, user]

    def _drop_grants(self, account: str, team_id: str | None = None) -> None:
        for key in list(self.grants):
            if key[1] == account and team_id in (None, key[0]):
                del self.grants[key]

    # Campaigns and lead forms

    def campaigns_of(self, account: str) -> list[Campaign]:
        return [one for one in self.campaigns.values() if one.account == account]

    def add_campaigns(self, campaigns: Iterable[Campaign]) -> None:
        self.campaigns.update({campaign.id: campaign for campaign in campaigns})

    def set_status(self, campaign_id: str, status: Status) -> Campaign:
        """From now on; figures of the past stay as they were."""
        campaign = self.campaigns[campaign_id]
        now = self._clock.now()
        made = replace(campaign, history=(*campaign.history, (now, status)), updated=now)
        self.campaigns[campaign_id] = made
        return made

    def mark_imported(self, account: str) -> bool:
        """Whether this was the account's first import."""
        first = account not in self.imported
        self.imported[account] = self._clock.now()
        return first

    def forms_of(self, account: str) -> list[LeadForm]:
        return [one for one in self.lead_forms.values() if one.account == account]

    def add_form(self, name: str, page: str, account: str, form_id: str = "") -> LeadForm:
        made = LeadForm(form_id or self.new_id("form"), name, page, account)
        self.lead_forms[made.id] = made
        return made

    def new_id(self, kind: str) -> str:
        self._last_id += 1
        return f"{kind}-{self._last_id}"
