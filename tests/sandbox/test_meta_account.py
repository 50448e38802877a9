"""Operations 26–28 and 40–41: import, pages, targeting search and lead forms."""

from __future__ import annotations

from typing import Any

import pytest

from app.sandbox.targeting import TYPES, options

from .platform import Platform, refused

_META = "/team-acme-brand/meta"
_TENTS = "adAccountId=act_1001"


def _connect(platform: Platform) -> str:
    """A new account for the brand team, by consent."""
    asked = {"platform": "meta", "teamId": "team-acme-brand"}
    url = platform.call("POST", "/connections", "ben", json=asked).json()["authUrl"]
    account = "act_" + platform.http.get(url).text.partition('value="act_')[2].partition('"')[0]
    state = platform.http.build_request("GET", url).url.params["state"]
    form = {"state": state, "decision": "allow", "account": account}
    assert platform.http.post("/consent", data=form).is_success
    return account


def test_import_fills(platform: Platform) -> None:
    """The first import of a new account brings what was missing; the next one nothing more."""
    account = _connect(platform)
    listing = f"{_META}/campaigns?adAccountId={account}"
    importing = f"{_META}/import?adAccountId={account}"
    forms = f"{_META}/lead-forms?adAccountId={account}"
    known = platform.data("GET", listing, "ben")
    assert platform.data("GET", forms, "ben") == []
    counts = platform.data("GET", importing, "ben")["imported"]
    filled = platform.data("GET", listing, "ben")
    assert filled[: len(known)] == known
    assert counts["campaigns"] == len(filled) > len(known)
    assert counts["adSets"] == len(
        platform.data("GET", f"{_META}/adsets?adAccountId={account}", "ben")
    )
    assert platform.data("GET", forms, "ben")
    assert platform.data("GET", importing, "ben")["imported"] == counts
    assert platform.data("GET", listing, "ben") == filled


def test_import_rights(readonly: Platform) -> None:
    """Importing is writing; without an account it is about all that the caller may write."""
    path = f"{_META}/import"
    for user in ("dora", "emil"):
        refused(readonly.call("GET", f"{path}?{_TENTS}", user), 403, "FORBIDDEN")
        refused(readonly.call("GET", path, user), 403, "FORBIDDEN")
    refused(readonly.call("GET", path, "hugo"), 404, "NOT_FOUND")
    assert readonly.data("GET", f"{path}?{_TENTS}", "cleo")["imported"]["campaigns"] == 8
    assert readonly.data("GET", path, "cleo")["imported"]["campaigns"] == 8
    assert readonly.data("GET", path, "ben")["imported"]["campaigns"] == 14


def test_pages(readonly: Platform) -> None:
    """A team has two or three pages per account; any member sees them, an account's only readers."""
    own = readonly.data("GET", f"{_META}/pages?{_TENTS}", "dora")
    everything = readonly.data("GET", f"{_META}/pages", "emil")
    assert all(set(page) == {"id", "name"} for page in everything)
    assert (len(own), len(everything)) == (3, 5)
    assert own == everything[:3]
    refused(readonly.call("GET", f"{_META}/pages?{_TENTS}", "emil"), 403, "FORBIDDEN")
    refused(readonly.call("GET", f"{_META}/pages", "gwen"), 404, "NOT_FOUND")


def _search(platform: Platform, kind: str, query: str) -> Any:
    body = {"type": kind, "query": query}
    return platform.data("POST", f"{_META}/targeting-search", "emil", json=body)


@pytest.mark.parametrize("kind", TYPES)
def test_targeting_types(readonly: Platform, kind: str) -> None:
    """Every documented type has at least eight options with ids of their own, found by name."""
    known = options(kind)
    assert len(known) >= 8
    assert len({one["id"] for one in known}) == len(known)
    for one in known:
        name = str(one["name"])
        assert one in _search(readonly, kind, name.swapcase())
    assert _search(readonly, kind, "nothing is called like this") == []


def test_targeting_items(readonly: Platform) -> None:
    """Places tell kind, country and region; interests their path and a range of sizes."""
    region, city = _search(readonly, "location", "new york")
    assert (region["type"], region["country_code"]) == ("region", "US")
    assert (city["type"], city["region"]) == ("city", "New York")
    assert _search(readonly, "location", "germany")[0] == {
        "id": "DE",
        "name": "Germany",
        "type": "country",
        "country_code": "DE",
    }
    hiking = _search(readonly, "interest", "HIK")[0]
    assert hiking["path"] == ["Interests", "Sports and outdoors", "Hiking"]
    assert 0 < hiking["audience_size_lower_bound"] < hiking["audience_size_upper_bound"]


@pytest.mark.parametrize("body", [{"type": "mood", "query": "x"}, {"type": "interest"}, {}])
def test_bad_searches(readonly: Platform, body: dict[str, str]) -> None:
    """A search needs a documented type and some text; a named account has to be readable."""
    path = f"{_META}/targeting-search"
    refused(readonly.call("POST", path, "ben", json=body), 400, "BAD_REQUEST")
    refused(readonly.call("POST", f"{path}?{_TENTS}", "emil", json=body), 403, "FORBIDDEN")


def _form(**more: object) -> dict[str, object]:
    return {
        "name": "Brochure",
        "pageId": "page_1001_2",
        "privacyPolicyUrl": "https://shop.example/privacy",
        "privacyPolicyName": "Privacy",
        "language": "EN_US",
        "questions": [{"type": "EMAIL", "label": "Mail", "options": []}],
        "thankYouPage": {
            "title": "Thanks",
            "body": "We will write.",
            "buttonText": "Shop",
            "buttonType": "VIEW_WEBSITE",
            "websiteUrl": "https://shop.example",
        },
        **more,
    }


def test_lead_forms(platform: Platform) -> None:
    """A created form is listed with its page's, without an envelope, and stays."""
    path = f"{_META}/lead-forms"
    made = platform.call("POST", f"{path}?{_TENTS}", "cleo", json=_form())
    assert (made.status_code, made.json()["statusCode"]) == (201, 201)
    item = {"id": made.json()["data"]["id"], "name": "Brochure"}
    listed = platform.call("GET", f"{path}?{_TENTS}", "dora").json()
    assert set(listed) == {"data"}
    assert item in listed["data"]
    of_page = platform.call("GET", f"{path}?{_TENTS}&pageId=page_1001_2", "dora").json()["data"]
    assert [one["name"] for one in of_page] == ["Call me back", "Brochure"]
    assert item in platform.call("GET", path, "ben").json()["data"]
    assert platform.call("GET", path, "emil").json() == {"data": []}
    assert item not in platform.call("GET", f"{path}?adAccountId=act_1002", "ben").json()["data"]


def test_removed_account(platform: Platform) -> None:
    """A removed account takes its campaigns, lead forms and the mark of its import with it."""
    world = platform.sandbox.world
    assert world.forms_of("acc-1001")
    assert platform.call("DELETE", "/connections/ads-account/acc-1001", "ben").is_success
    assert not world.forms_of("acc-1001")
    assert not world.campaigns_of("acc-1001")
    assert "acc-1001" not in world.imported


def test_lead_form_rights(readonly: Platform) -> None:
    """Reading takes a permission, creating MANAGER or the team's ADMIN."""
    path = f"{_META}/lead-forms?{_TENTS}"
    refused(readonly.call("GET", path, "emil"), 403, "FORBIDDEN")
    refused(readonly.call("GET", path, "hugo"), 404, "NOT_FOUND")
    refused(readonly.call("POST", path, "dora", json=_form()), 403, "FORBIDDEN")


_THANKS = {"title": "Thanks", "body": "We will call.", "buttonText": "Call"}


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("name", {"name": ""}),
        ("pageId", {"pageId": 7}),
        ("language", {"language": "english"}),
        ("questions", {"questions": []}),
        ("questions.0.label", {"questions": [{"type": "EMAIL", "options": []}]}),
        ("questions.0.options", {"questions": [{"type": "EMAIL", "label": "Mail"}]}),
        (
            "questions.0.options",
            {
                "questions": [
                    {"type": "CITY", "label": "C", "options": [{"key": "a", "value": "A"}]}
                ]
            },
        ),
        ("thankYouPage", {"thankYouPage": None}),
        ("thankYouPage.websiteUrl", {"thankYouPage": {**_THANKS, "buttonType": "VIEW_WEBSITE"}}),
        ("thankYouPage.countryCode", {"thankYouPage": {**_THANKS, "buttonType": "WHATSAPP"}}),
        ("introPage.content", {"introPage": {"title": "T", "style": "LIST_STYLE", "content": []}}),
    ],
)
def test_refused_forms(readonly: Platform, field: str, more: dict[str, object]) -> None:
    """Faults of a form are told by their field's path."""
    path = f"{_META}/lead-forms?{_TENTS}"
    error = refused(readonly.call("POST", path, "cleo", json=_form(**more)), 400, "BAD_REQUEST")
    assert error["details"][0].startswith(f"{field} ")
