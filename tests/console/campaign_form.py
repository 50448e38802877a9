"""Filling in the console's form for campaigns as a person does, for each of the five kinds."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from .screen import Screen

KINDS = ("traffic", "sales", "leads", "awareness", "engagement")


def open_form(screen: Screen, user: str = "ben") -> None:
    """Sign in and turn to the form, whose lists are there."""
    screen.sign_in(user)
    screen.turn_to("New campaign")
    expect(screen.choice("Facebook page").locator("option")).not_to_have_count(1)


def add(screen: Screen, search: str, letters: str, name: str) -> None:
    """Search among the options of an audience, and take one of those found."""
    group = screen.page.get_by_role("group").filter(has=box(screen, search))
    box(screen, search).fill(letters)
    group.get_by_role("button", name=f"Add {name}").first.click()
    expect(group.get_by_role("button", name=f"Remove {name}").first).to_be_visible()


def box(screen: Screen, search: str) -> Locator:
    return screen.page.get_by_role("searchbox", name=search, exact=True)


def fill(screen: Screen, kind: str, name: str = "Summer tents") -> None:
    """What a campaign of that kind needs, and nothing else."""
    page = screen.page
    page.get_by_role("radio", name=kind.capitalize()).check()
    page.get_by_label("Name of the campaign").fill(name)
    page.get_by_label("Name of the ad set").fill("Hikers")
    page.get_by_label("Daily budget").fill("50")
    add(screen, "Find a country, region or city", "germ", "Germany")
    screen.choice("Facebook page").select_option("Acme Tents")
    page.get_by_label("Text", exact=True).fill("Sleep outside, at ease.")
    page.get_by_label("Headline").fill("Tents for every night")
    page.get_by_label("Address of the picture").fill("https://shop.example/tent.jpg")
    if kind != "engagement":
        page.get_by_label("Where it leads").fill("https://shop.example/tents")
    if kind == "sales":
        page.get_by_label("Pixel").fill("px_1")
        screen.choice("What counts as a conversion").select_option("Purchase")
    if kind == "leads":
        screen.choice("Lead form").select_option("Newsletter")


def submit(screen: Screen) -> Locator:
    """The button of the form, whatever it says just now."""
    return screen.page.locator("form.draft button[type=submit]")
