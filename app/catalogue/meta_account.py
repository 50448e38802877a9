"""What hangs from a team's Meta connection beside ads: import, pages, targeting search."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AliasChoices, Field, StringConstraints

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.links import Names
from app.catalogue.operation import ListOf, Rule, Share, Upstream, Write
from app.catalogue.shapes import AdAccountId, Answer, Count, TeamId
from app.catalogue.tags import Tag
from app.catalogue.teams import team_tags
from app.patterns import in_words

NamedAccountId = Annotated[
    AdAccountId | None,
    Field(description="Ad account id; without it, what the team can reach", examples=["act_1001"]),
]


class ImportStarted(Answer):
    """The import was accepted; what it brings shows up in the lists."""


class MetaPage(Answer):
    """A Facebook page that the team can advertise for."""

    id: Annotated[str, Names("pageId")]
    name: str | None = None


class TargetingType(StrEnum):
    """What is searched for."""

    LOCATION = "location"
    LOCALE = "locale"
    INTEREST = "interest"
    BEHAVIOR = "behavior"
    EDUCATION_SCHOOL = "educationSchool"
    EDUCATION_MAJOR = "educationMajor"
    WORK_EMPLOYER = "workEmployer"
    WORK_POSITION = "workPosition"
    FAMILY_STATUS = "familyStatus"
    LIFE_EVENT = "lifeEvent"
    INDUSTRY = "industry"
    INCOME = "income"


class TargetingOption(Answer):
    """Something that an audience can be narrowed to; its id goes into a campaign's targeting."""

    id: str = Field(validation_alias=AliasChoices("id", "key"))
    name: str
    type: str | None = Field(None, description="Of a location: country, region, city …")
    country_code: str | None = Field(
        None, validation_alias=AliasChoices("countryCode", "country_code")
    )
    region: str | None = None
    path: list[str] | None = Field(None, description="Where it stands in Meta's tree, from the top")
    audience_size: Count | None = Field(
        None,
        validation_alias=AliasChoices("audienceSize", "audience_size", "audience_size_lower_bound"),
        description="About how many people, the lower bound where Meta gives a range",
    )


class ImportMetaAccount(Write[ImportStarted]):
    """Fetch an ad account's data into the platform's own store."""

    route = "POST /teams/{teamId}/meta/import"
    upstream = Upstream(26, "GET /{teamId}/meta/import", Evidence.INFERRED)
    access = (Rule.ACCOUNT_WRITE,)
    status = 202
    wire = Any

    team_id: TeamId
    ad_account_id: AdAccountId

    def drops(self, known: Known) -> set[Tag]:
        return {tags.account(self.ad_account_id)}

    def answer(self, data: Any, known: Known) -> ImportStarted:
        """What the platform answers is not documented, so nothing of it is passed on."""
        return ImportStarted()


class ListMetaPages(ListOf[MetaPage]):
    """List the Facebook pages that can be advertised for."""

    route = "GET /teams/{teamId}/meta/pages"
    upstream = Upstream(27, "GET /{teamId}/meta/pages", Evidence.INFERRED)
    access = (Rule.ACCOUNT_IF_NAMED,)
    keep = Keep(300, 3600)
    share = Share.USER
    spares = ("name",)

    team_id: TeamId
    ad_account_id: NamedAccountId = None

    def tags(self, known: Known) -> set[Tag]:
        return maybe_account_tags(self.team_id, self.ad_account_id, known)


class SearchTargeting(ListOf[TargetingOption]):
    """Search for what an audience can be narrowed to."""

    route = "GET /teams/{teamId}/meta/targeting"
    upstream = Upstream(28, "POST /{teamId}/meta/targeting-search?adAccountId", Evidence.INFERRED)
    access = (Rule.ACCOUNT_IF_NAMED,)
    keep = Keep(3600, 86_400)
    share = Share.USER
    spares = ("type", "country_code", "region", "path")

    team_id: TeamId
    ad_account_id: NamedAccountId = None
    type: Annotated[TargetingType, Field(description="What is searched for", examples=["interest"])]
    query: Annotated[
        str,
        StringConstraints(
            min_length=1,
            max_length=100,
            strip_whitespace=True,
            # No control characters, and not only spaces (in every dialect of `\s`).
            pattern=in_words(
                r"^[^\u0000-\u001f\u007f]*[^\s\u0000-\u001f\u007f-\u009f\ufeff][^\u0000-\u001f\u007f]*$",
                "write a word at least, on one line",
            ),
        ),
        Field(description="Free text", examples=["hiking"]),
    ]

    def tags(self, known: Known) -> set[Tag]:
        return maybe_account_tags(self.team_id, self.ad_account_id, known)


def maybe_account_tags(team_id: str, ad_account_id: str | None, known: Known) -> set[Tag]:
    """What an answer depends on that may be about one ad account, or about the whole team."""
    about = team_tags(team_id, known) | {tags.connections(team_id)}
    if ad_account_id is None:
        return about
    reader = tags.reader(known.caller.user, team_id, ad_account_id)
    return about | {tags.account(ad_account_id), reader}
