"""What the demo's campaigns consist of: pages, lead forms, ad sets, ads and creatives.

Everything follows from the account and the campaign's position, so that ids never change:
pages page_1001_1 …, forms form_1001_1 …, ad sets set_1001_1_1 …, ads ad_1001_1_1_1 … and
creatives cr_1001_1_1_1 …. A campaign has one to three ad sets of one to three ads each.
"""

from __future__ import annotations

from app.sandbox.records import GOALS, Ad, AdAccount, AdSet, Creative, Page

_AUDIENCES = ("Broad", "Lookalike", "Returning visitors")
_PAGES = ("", " Support", " Community")
_FORMS = ("Newsletter", "Call me back")
_TITLES = ("Made to last", "New this season", "Back in stock")
_COUNTRIES = (["DE", "FR"], ["GB", "SE"], ["DE", "FR", "GB", "SE", "AE"])


def number_of(account: AdAccount) -> str:
    """The part of the account's id that all ids below it carry."""
    return account.account_id.removeprefix("act_")


def pages_of(account: AdAccount) -> list[Page]:
    """Two or three Facebook pages."""
    number = number_of(account)
    count = 2 + int(number) % 2
    return [
        Page(f"page_{number}_{k}", account.name + tail)
        for k, tail in enumerate(_PAGES[:count], start=1)
    ]


def forms_of(account: AdAccount) -> list[tuple[str, str, str]]:
    """Lead forms as (id, name, page's id), one for each of the first two pages."""
    pages = pages_of(account)[: len(_FORMS)]
    return [
        (f"form_{number_of(account)}_{k}", name, page.id)
        for k, (name, page) in enumerate(zip(_FORMS, pages, strict=True), start=1)
    ]


def ad_sets_of(account: AdAccount, n: int, objective: str) -> tuple[AdSet, ...]:
    """The ad sets of the account's campaign number `n`."""
    return tuple(_ad_set(account, n, k, objective) for k in range(1, 2 + n % 3))


def _ad_set(account: AdAccount, n: int, k: int, objective: str) -> AdSet:
    tail = f"{number_of(account)}_{n}_{k}"
    ads = tuple(_ad(account, f"{tail}_{j}", j) for j in range(1, 2 + (n + k) % 3))
    targeting = {
        "age_min": 18,
        "age_max": 65,
        "geo_locations": {"countries": _COUNTRIES[(n + k) % 3]},
    }
    return AdSet(f"set_{tail}", _AUDIENCES[k - 1], GOALS[objective], ads, targeting)


def _ad(account: AdAccount, tail: str, j: int) -> Ad:
    creative = Creative(
        f"cr_{tail}",
        f"Picture {j}",
        pages_of(account)[0].id,
        _TITLES[j - 1],
        f"{account.name}: see what is new.",
        "LEARN_MORE",
        "https://shop.example/new",
        f"https://images.example/{tail}.jpg",
    )
    return Ad(f"ad_{tail}", f"Creative {j}", creative)
