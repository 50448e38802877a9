"""Lead forms of a Facebook page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from app.catalogue import tags
from app.catalogue.address import Evidence
from app.catalogue.campaign_drafts import Address, Country, Faults, Word
from app.catalogue.campaigns import account_tags
from app.catalogue.keep import Keep
from app.catalogue.known import Known
from app.catalogue.operation import ListOf, Rule, Share, Upstream
from app.catalogue.shapes import AdAccountId, Answer, Draft, Line, Name, ObjectId, Prose, TeamId
from app.catalogue.spending import Spend
from app.catalogue.tags import Tag
from app.patterns import in_words, url_safe

Text = Annotated[Prose, StringConstraints(min_length=1, max_length=1000)]


class LeadForm(Answer):
    """A lead form; the platform promises neither field."""

    id: str | None = None
    name: str | None = None


class NewLeadForm(Answer):
    """The id of the new form, null where the platform does not tell."""

    id: str | None = None


class Choice(Draft):
    """One answer to choose."""

    value: Text
    key: Annotated[
        str,
        StringConstraints(pattern=url_safe(1, 64)),
    ]


class Question(Draft):
    """A question of the form; CUSTOM ones may offer choices."""

    type: Annotated[Word, Field(examples=["EMAIL", "FULL_NAME", "CUSTOM", "CITY", "COMPANY_NAME"])]
    label: Text
    options: Annotated[tuple[Choice, ...], Field(max_length=50)] = Field(
        (), description="For CUSTOM questions only; the platform's table wants it for every one"
    )


class ThankYouPage(Draft):
    """What people see after they sent the form."""

    title: Text
    body: Text
    button_text: Annotated[Line, StringConstraints(min_length=1, max_length=60)]
    button_type: Annotated[Word, Field(examples=["VIEW_WEBSITE", "CALL_BUSINESS", "WHATSAPP"])]
    website_url: Address | None = Field(None, description="Needed for VIEW_WEBSITE")
    country_code: Country | None = Field(
        None, description="ISO 3166-1 alpha-2; needed for CALL_BUSINESS and WHATSAPP"
    )
    business_phone_number: (
        Annotated[
            str,
            StringConstraints(
                pattern=in_words(
                    r"^\+?[0-9 ()-]{3,30}$",
                    "write 3 to 30 digits, spaces, () and -, perhaps after a +",
                )
            ),
        ]
        | None
    ) = Field(None, description="Needed for CALL_BUSINESS and WHATSAPP")

    def faults(self) -> Faults:
        if self.button_type == "VIEW_WEBSITE" and self.website_url is None:
            yield "/websiteUrl", "is needed for VIEW_WEBSITE"
        if self.button_type in {"CALL_BUSINESS", "WHATSAPP"}:
            if self.country_code is None:
                yield "/countryCode", f"is needed for {self.button_type}"
            if self.business_phone_number is None:
                yield "/businessPhoneNumber", f"is needed for {self.button_type}"


class IntroPage(Draft):
    """What people see before the questions."""

    title: Text
    style: Annotated[Word, Field(examples=["LIST_STYLE"])]
    content: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class LeadFormDraft(Draft):
    """A lead form."""

    page_id: ObjectId
    name: Name
    questions: Annotated[tuple[Question, ...], Field(min_length=1, max_length=50)]
    privacy_policy_url: Address
    privacy_policy_name: Text
    thank_you_page: ThankYouPage
    language: Annotated[Word, Field(examples=["EN_US", "AR_AR"])]
    intro_page: IntroPage | None = None

    def faults(self) -> Faults:
        for position, question in enumerate(self.questions):
            if question.options and question.type != "CUSTOM":
                yield f"/questions/{position}/options", "are for CUSTOM questions only"
        yield from ((f"/thankYouPage{at}", what) for at, what in self.thank_you_page.faults())


class ListLeadForms(ListOf[LeadForm]):
    """List the lead forms of an ad account's pages."""

    route = "GET /teams/{teamId}/meta/lead-forms"
    upstream = Upstream(40, "GET /{teamId}/meta/lead-forms", Evidence.INFERRED)
    access = (Rule.ACCOUNT_READ,)
    keep = Keep(60, 600)
    share = Share.TEAM
    spares = ("name",)

    team_id: TeamId
    ad_account_id: AdAccountId
    page_id: Annotated[ObjectId | None, Field(description="Only the forms of this page")] = None

    def tags(self, known: Known) -> set[Tag]:
        about = account_tags(self.team_id, self.ad_account_id, known)
        return about | {tags.lead_forms(self.ad_account_id)}


class CreateLeadForm(Spend[NewLeadForm]):
    """Create a lead form on a page."""

    route = "POST /teams/{teamId}/meta/lead-forms"
    upstream = Upstream(41, "POST /{teamId}/meta/lead-forms?adAccountId", Evidence.INFERRED)
    access = (Rule.ACCOUNT_WRITE,)
    status = 201
    wire = Any

    body: LeadFormDraft

    def drops(self, known: Known) -> set[Tag]:
        return {tags.lead_forms(self.ad_account_id)}

    def faults(self, today: date) -> Iterator[tuple[str, str]]:
        return ((f"/body{pointer}", sentence) for pointer, sentence in self.body.faults())

    @classmethod
    def listing(cls, team_id: str, ad_account_id: str) -> ListLeadForms:
        return ListLeadForms(team_id=team_id, ad_account_id=ad_account_id)

    @classmethod
    def made(cls, found: str) -> NewLeadForm:
        return NewLeadForm(id=found)

    @property
    def name(self) -> str:
        return self.body.name

    def answer(self, data: Any, known: Known) -> NewLeadForm:
        """A 2xx is success whatever its body: this one is not documented."""
        told = data.get("id") if isinstance(data, dict) else None
        return NewLeadForm(id=str(told) if told else None)
