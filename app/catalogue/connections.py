"""Connections to ads networks, and the ad accounts that came with them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasPath, Field, StringConstraints

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.links import Names
from app.catalogue.operation import ListOf, Local, Rule, Share, Upstream, Wire, Write
from app.catalogue.shapes import AdAccountId, Answer, ConnectionId, Draft, TeamId
from app.catalogue.tags import Tag
from app.patterns import in_words


class ConnectedAccount(Answer):
    """An ad account of a connection. `adAccountId` is the ads network's own id."""

    ad_account_id: str = Field(
        validation_alias=AliasPath("adsAccount", "accountId"), examples=["act_1001"]
    )
    internal_id: str | None = Field(
        None,
        validation_alias=AliasPath("adsAccount", "id"),
        description="The platform's own id",
        exclude=True,  # access is decided with it; no caller has a use for it
    )
    name: str | None = Field(None, validation_alias=AliasPath("adsAccount", "accountName"))


class Connection(Answer):
    """An authorisation at an ads network."""

    id: Annotated[str, Names("connectionId")] = Field(examples=["conn-acme-brand"])
    platform: str
    ad_accounts: list[ConnectedAccount] = Field(validation_alias="adsAccounts")


class ConnectionDraft(Draft):
    platform: Annotated[
        str,
        StringConstraints(
            pattern=in_words(
                r"^[a-z][a-z0-9_-]{1,31}$",
                "use 2 to 32 small letters, digits, _ and -, a letter first",
            )
        ),
        Field(description="The ads network, e.g. meta or google", examples=["meta"]),
    ]
    redirect: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=2048),
        Field(
            description="Where the browser goes after the consent: on the gateway's own origin, "
            "or one of the configured addresses; `/` when absent",
            examples=["http://localhost:8000/"],
            exclude=True,
        ),
    ] = None


class Consent(Answer):
    """Where to send the browser so that the user can give his consent."""

    auth_url: str


class RemovedAdAccount(Answer):
    deleted_connections: int
    deleted_ad_account: bool = Field(validation_alias="deletedAdsAccount")


class CreateConnection(Write[Consent]):
    """Start connecting an ads network to a team: answers the address of the consent page."""

    route = "POST /teams/{teamId}/connections"
    upstream = Upstream(17, "POST /connections", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN)
    status = 201

    team_id: TeamId
    body: ConnectionDraft

    def returns_to(self) -> str:
        return self.body.redirect or "/"

    def sends(self, known: Known) -> dict[str, Any]:
        """The platform sends the browser back to us first, so that what is kept gets dropped."""
        return super().sends(known) | {"redirect": known.return_address}

    def drops(self, known: Known) -> set[Tag]:
        return connection_drops(self.team_id)


class ListTeamConnections(ListOf[Connection]):
    """List the connections of a team with their ad accounts."""

    route = "GET /teams/{teamId}/connections"
    upstream = Upstream(18, "GET /connections/team/{teamId}", Evidence.INFERRED)
    access = (Rule.TEAM,)
    keep = Keep(30, 300)
    share = Share.USER
    keep_in_consent = Keep(2, 2)

    team_id: TeamId

    def tags(self, known: Known) -> set[Tag]:
        return {tags.connections(self.team_id), tags.below_team(self.team_id)}


class Disconnect(Write[None]):
    """Delete a connection of the team, with everything that hangs from it."""

    route = "DELETE /teams/{teamId}/connections/{connectionId}"
    upstream = Upstream(21, "DELETE /connections/{connectionId}", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN, Rule.CONNECTION_OF_TEAM)
    status = 204

    team_id: Annotated[TeamId, Local()]
    connection_id: ConnectionId

    def drops(self, known: Known) -> set[Tag]:
        return connection_drops(self.team_id) | {tags.below_team(self.team_id)}


class RemoveAdAccount(Write[RemovedAdAccount]):
    """Remove an ad account; refused when other teams use it, as it would vanish for them too."""

    route = "DELETE /teams/{teamId}/ad-accounts/{adAccountId}"
    upstream = Upstream(20, "DELETE /connections/ads-account/{adsaccountid}", Evidence.INFERRED)
    access = (Rule.TEAM, Rule.TEAM_ADMIN, Rule.ACCOUNT_OF_TEAM, Rule.ACCOUNT_NOT_SHARED)
    status = 200

    team_id: Annotated[TeamId, Local()]
    ad_account_id: Annotated[AdAccountId, Wire("adsaccountid")]

    def sends(self, known: Known) -> dict[str, Any]:
        """This address takes the platform's internal id (read off its sample answer)."""
        assert known.account is not None
        return {"adsaccountid": known.account.internal_id}

    def drops(self, known: Known) -> set[Tag]:
        return connection_drops(self.team_id) | {tags.account(self.ad_account_id)}


def connection_drops(team_id: str) -> set[Tag]:
    """What a change of a team's connections makes wrong."""
    return {tags.connections(team_id), tags.all_connections()}
