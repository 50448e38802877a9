"""What the platform's tables demand of a new campaign.

Where a table and its own sample disagree, both are taken: pageid or pageId, a button SHOP_NOW, an
awareness or engagement campaign without pixel fields, an engagement ad without url, and
objectStoreUrl only for apps. Targeting is demanded, as every table does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.sandbox.body import Body
from app.sandbox.records import Creative, Status

_STATUSES: tuple[Status, ...] = ("PAUSED", "ACTIVE")
_CATEGORIES = (
    "NONE",
    "EMPLOYMENT",
    "HOUSING",
    "CREDIT",
    "ISSUES_ELECTIONS_POLITICS",
    "ONLINE_GAMBLING_AND_GAMING",
    "FINANCIAL_PRODUCTS_SERVICES",
)
_BUTTONS = (
    "SIGN_UP",
    "GET_QUOTE",
    "APPLY_NOW",
    "LEARN_MORE",
    "DOWNLOAD",
    "SUBSCRIBE",
    "BOOK_TRAVEL",
    "SHOP_NOW",
)
_EVENTS = ("PURCHASE", "ADD_TO_CART", "INITIATE_CHECKOUT", "SUBSCRIBE", "COMPLETE_REGISTRATION")
_OPTION_LISTS = (
    "interests",
    "behaviors",
    "lifeEvents",
    "industries",
    "income",
    "educationSchools",
    "educationMajors",
    "workEmployers",
    "workPositions",
)
_GEO_KINDS = ("country", "region", "city")
_EDUCATION_STATUSES = tuple(str(n) for n in range(1, 14))


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the five. `status` is what its creation answers by the documentation."""

    objective: str
    status: int
    goals: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    pixel: bool = False
    url: bool = True


TRAFFIC = Kind(
    "OUTCOME_TRAFFIC",
    200,
    goals=("LINK_CLICKS", "LANDING_PAGE_VIEWS"),
    places=("WEBSITE", "APP", "MESSENGER"),
)
SALES = Kind("OUTCOME_SALES", 201, pixel=True)
LEADS = Kind("OUTCOME_LEADS", 201)
AWARENESS = Kind("OUTCOME_AWARENESS", 200)
ENGAGEMENT = Kind("OUTCOME_ENGAGEMENT", 200, url=False)


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign that may be created; `creative` has no id yet, `budget` is in whole units."""

    name: str
    status: Status
    budget: int
    start: date | None
    end: date | None
    special_categories: tuple[str, ...]
    ad_set_name: str
    goal: str | None
    targeting: Mapping[str, object]
    creative: Creative


def read_draft(source: object, kind: Kind) -> Draft:
    """The campaign that the body describes, or every fault of it at once."""
    body = Body(source)
    name, ad_set_name = body.text("campaignName"), body.text("adSetName")
    status = _status(body)
    budget = body.whole("budget", 1, needed=True)
    start, end = _schedule(body)
    categories = _categories(body)
    body.values("audienceId", str)
    page = _page(body)
    goal = _kind_fields(body, kind)
    targeting = _targeting(body)
    creative = _creative(body, kind, page)
    body.done()
    return Draft(
        name,
        status,
        budget or 0,
        start,
        end,
        categories,
        ad_set_name,
        goal,
        targeting,
        creative,
    )


def _status(body: Body) -> Status:
    return body.one_of("status", _STATUSES) if body.holds("status") else "PAUSED"


def _schedule(body: Body) -> tuple[date | None, date | None]:
    start, end = body.day_if_given("startDate"), body.day_if_given("endDate")
    if start and end and end < start:
        body.blame("endDate", "must not be before startDate")
    return start, end


def _categories(body: Body) -> tuple[str, ...]:
    listed = body.values("specialAdCategories", str, _CATEGORIES)
    special = tuple(str(one) for one in listed if one != "NONE")
    if special and not body.values("specialAdCountry", str):
        body.blame("specialAdCountry", "should not be empty")
    return special


def _page(body: Body) -> str:
    """The tables write pageid, the samples pageId."""
    body.optional_text("instagramActorId")
    return body.text("pageid" if body.holds("pageid") else "pageId")


def _kind_fields(body: Body, kind: Kind) -> str | None:
    """What only some kinds have; answers the optimisation goal."""
    if kind.pixel:
        body.text("pixelId")
    else:
        body.optional_text("pixelId")
    body.choice("conversionEvent", _EVENTS, needed=kind.pixel)
    for name in ("catalogId", "productSetId", "customConversionId", "leadFormId"):
        body.optional_text(name)
    body.word("engagementType")
    place = _word_or_choice(body, "conversionLocation", kind.places)
    if place == "APP":
        body.text("appId")
        body.text("objectStoreUrl")
    return _word_or_choice(body, "optimizationGoal", kind.goals)


def _word_or_choice(body: Body, name: str, allowed: tuple[str, ...]) -> str | None:
    return body.choice(name, allowed) if allowed else body.word(name)


def _targeting(body: Body) -> Mapping[str, object]:
    part = body.part("targeting", needed=True)
    if part is None:
        return {}
    part.values("genders", int, (0, 1, 2))
    youngest, oldest = part.whole("ageMin", 13, 65), part.whole("ageMax", 13, 65)
    if youngest and oldest and oldest < youngest:
        part.blame("ageMax", "must not be less than ageMin")
    for place in (*part.parts("geoLocations", needed=True), *part.parts("excludedGeoLocations")):
        place.choice("type", _GEO_KINDS, needed=True)
        place.text("id")
    family = part.part("familyStatuses")
    listed = [one for name in _OPTION_LISTS for one in part.parts(name)]
    for option in [*listed, *([family] if family else [])]:
        option.text("id")
        option.optional_text("name")
    part.values("relationshipStatuses", int)
    part.values("locales", int)
    part.values("educationStatuses", str, _EDUCATION_STATUSES)
    return part.plain()


def _creative(body: Body, kind: Kind, page: str) -> Creative:
    part = body.part("creatives", needed=True) or Body({}, faults=[])
    video, headline = part.optional_text("videoId"), part.text("headline")
    made = Creative(
        id="",
        name=headline,
        page=page,
        title=headline,
        text=part.text("primaryText"),
        call_to_action=part.choice("callToAction", _BUTTONS, needed=True) or "",
        url=part.text("url") if kind.url else part.optional_text("url"),
        image_url=part.optional_text("imageUrl") if video else part.text("imageUrl"),
        video_id=video,
        thumbnail_url=part.text("thumbnailUrl") if video else part.optional_text("thumbnailUrl"),
        description=part.optional_text("description"),
    )
    if made.image_url and not made.image_url.startswith("https://"):
        part.blame("imageUrl", "must be an https URL")
    return made
