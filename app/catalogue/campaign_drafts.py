"""The bodies that create campaigns. Where the platform's tables and samples disagree, surface
and reason are told in the field's description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from app.catalogue.shapes import WHOLE, Day, Draft, Line, Name, ObjectId, Prose, Status
from app.catalogue.targeting import Targeting
from app.patterns import in_words

Faults = Iterator[tuple[str, str]]
Word = Annotated[
    str, StringConstraints(pattern=in_words(r"^[A-Z_]{2,40}$", "use 2 to 40 capital letters and _"))
]
# What `\s` leaves to the dialect is spelt out: ECMA's has U+FEFF and not U+0085, ours the reverse.
# (Its length is bounded apart: a pattern that counts to 2,000 takes 8 MiB.)
_VISIBLE = r"[^\s\u0000-\u001f\u007f-\u009f\ufeff]+"
_LONGEST = len("https://") + 2000
Address = Annotated[
    str,
    StringConstraints(
        pattern=in_words(
            rf"^https?://{_VISIBLE}$",
            "write an address that begins with https:// or http://, without spaces",
        ),
        max_length=_LONGEST,
    ),
]
SecureAddress = Annotated[
    str,
    StringConstraints(
        pattern=in_words(
            rf"^https://{_VISIBLE}$", "write an address that begins with https://, without spaces"
        ),
        max_length=_LONGEST,
    ),
]
Country = Annotated[
    str,
    StringConstraints(
        pattern=in_words(
            r"^[A-Z]{2}$", "write the country as two capital letters (ISO 3166-1 alpha-2)"
        )
    ),
]
Copy = Annotated[Prose, StringConstraints(min_length=1, max_length=5000)]


class SpecialAdCategory(StrEnum):
    """Subjects that Meta restricts."""

    NONE = "NONE"
    EMPLOYMENT = "EMPLOYMENT"
    HOUSING = "HOUSING"
    CREDIT = "CREDIT"
    ISSUES_ELECTIONS_POLITICS = "ISSUES_ELECTIONS_POLITICS"
    ONLINE_GAMBLING_AND_GAMING = "ONLINE_GAMBLING_AND_GAMING"
    FINANCIAL_PRODUCTS_SERVICES = "FINANCIAL_PRODUCTS_SERVICES"


class ConversionEvent(StrEnum):
    """What counts as a conversion."""

    PURCHASE = "PURCHASE"
    ADD_TO_CART = "ADD_TO_CART"
    INITIATE_CHECKOUT = "INITIATE_CHECKOUT"
    SUBSCRIBE = "SUBSCRIBE"
    COMPLETE_REGISTRATION = "COMPLETE_REGISTRATION"


CallToAction = Annotated[
    Word,
    Field(
        description="The button. Open, because the platform's sample uses SHOP_NOW, which its table lacks",
        examples=["LEARN_MORE", "SHOP_NOW", "SIGN_UP", "GET_QUOTE", "APPLY_NOW", "DOWNLOAD"],
    ),
]
ConversionLocation = Annotated[
    Word,
    Field(description="Where people convert", examples=["WEBSITE", "APP", "MESSENGER", "ON_AD"]),
]
OptimizationGoal = Annotated[
    Word,
    Field(
        description="What the delivery is optimised for",
        examples=["LINK_CLICKS", "LANDING_PAGE_VIEWS", "REACH", "POST_ENGAGEMENT"],
    ),
]


class EngagementCreatives(Draft):
    """What the ad shows. Without a url, as the platform's own sample has it."""

    primary_text: Copy
    headline: Annotated[Line, StringConstraints(min_length=1, max_length=255)]
    description: Annotated[Prose, StringConstraints(max_length=1000)] | None = None
    url: Address | None = None
    call_to_action: CallToAction
    image_url: SecureAddress | None = Field(
        None, description="Needed unless a video is shown; 1.91:1 looks best"
    )
    video_id: ObjectId | None = None
    thumbnail_url: SecureAddress | None = Field(None, description="Needed with a video")


class Creatives(EngagementCreatives):
    """What the ad shows and where it leads."""

    url: Address


class CampaignDraft(Draft):
    """What all campaigns share. A campaign is PAUSED unless `status` says otherwise."""

    campaign_name: Name
    status: Status = Field(Status.PAUSED, description="PAUSED until somebody says ACTIVE")
    budget: Annotated[
        int,
        Field(ge=1, le=1_000_000, description="Daily budget in whole currency units, at least 1"),
        WHOLE,
    ]
    start_date: Day | None = None
    end_date: Day | None = None
    special_ad_categories: Annotated[tuple[SpecialAdCategory, ...], Field(max_length=7)] | None = (
        Field(None, description="Subjects that Meta restricts; none by default")
    )
    special_ad_country: Annotated[tuple[Country, ...], Field(max_length=50)] | None = Field(
        None, description="Countries (ISO 3166-1 alpha-2); needed with a category other than NONE"
    )
    ad_set_name: Name
    audience_id: Annotated[tuple[ObjectId, ...], Field(max_length=50)] | None = Field(
        None, description="Saved or custom audiences"
    )
    targeting: Targeting
    creatives: Creatives
    page_id: Annotated[
        ObjectId,
        Field(description="The platform's tables write pageid, its samples pageId, which is sent"),
    ]
    instagram_actor_id: ObjectId | None = None

    def faults(self, today: date) -> Faults:
        """What is wrong between valid fields: (pointer below the body, sentence) each."""
        yield from self._schedule(today)
        yield from self._audience()
        yield from self._shown()
        special = set(self.special_ad_categories or ()) - {SpecialAdCategory.NONE}
        if special and not self.special_ad_country:
            yield "/specialAdCountry", "is needed with a special ad category"

    def _schedule(self, today: date) -> Faults:
        # Somewhere it is still the day before UTC's.
        earliest = today - timedelta(days=1)
        if self.start_date and self.start_date < earliest:
            yield "/startDate", "must not be in the past"
        if self.end_date and self.end_date < (self.start_date or earliest):
            yield "/endDate", "must not be before startDate"

    def _audience(self) -> Faults:
        youngest, oldest = self.targeting.age_min, self.targeting.age_max
        if youngest and oldest and youngest > oldest:
            yield "/targeting/ageMax", "must not be less than ageMin"

    def _shown(self) -> Faults:
        shown = self.creatives
        if shown.video_id and not shown.thumbnail_url:
            yield "/creatives/thumbnailUrl", "is needed with a video"
        if not shown.video_id and not shown.image_url:
            yield "/creatives/imageUrl", "is needed unless there is a video"


class TrafficCampaignDraft(CampaignDraft):
    """A campaign that brings people to a site, an app or a conversation."""

    optimization_goal: OptimizationGoal | None = None
    conversion_location: ConversionLocation | None = None
    app_id: ObjectId | None = None
    object_store_url: Address | None = Field(
        None, description="Needed for APP; the platform's table wants it always"
    )

    def faults(self, today: date) -> Faults:
        yield from super().faults(today)
        if self.conversion_location != "APP":
            return
        if self.app_id is None:
            yield "/appId", "is needed for APP"
        if self.object_store_url is None:
            yield "/objectStoreUrl", "is needed for APP"


class Conversion(CampaignDraft):
    """What campaigns that measure conversions may name."""

    catalog_id: ObjectId | None = None
    product_set_id: ObjectId | None = None
    custom_conversion_id: ObjectId | None = None
    optimization_goal: OptimizationGoal | None = None


class SalesCampaignDraft(Conversion):
    """A campaign that sells."""

    pixel_id: ObjectId
    conversion_event: ConversionEvent
    conversion_location: ConversionLocation | None = None


class AwarenessCampaignDraft(Conversion):
    """A campaign that makes something known. Its table demands pixel fields, its sample has none."""

    pixel_id: ObjectId | None = None
    conversion_event: ConversionEvent | None = None


class EngagementCampaignDraft(Conversion):
    """A campaign that makes people interact. Its table demands pixel fields, its sample has none."""

    creatives: EngagementCreatives  # type: ignore[assignment]  # here the url is optional
    engagement_type: Word | None = Field(None, examples=["POST_ENGAGEMENT"])
    conversion_location: ConversionLocation | None = None
    pixel_id: ObjectId | None = None
    conversion_event: ConversionEvent | None = None


class LeadCampaignDraft(CampaignDraft):
    """A campaign that collects leads. Its request is not documented: the form's name is ours."""

    lead_form_id: ObjectId
