"""The lead forms of the pages: listed by page, and a new one put together."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from app.testing.world import World

from .conftest import OpenScreen
from .screen import REFUSED, Screen


def open_lead_forms(screen: Screen, user: str = "ben") -> None:
    screen.sign_in(user)
    screen.turn_to("Lead forms")
    expect(screen.page.locator("#lead-forms")).to_contain_text("Newsletter")


def fill(screen: Screen) -> None:
    """A form with one question, ready to be sent."""
    page = screen.page
    page.locator(".controls").get_by_role("button", name="New lead form").click()
    screen.choice("Facebook page").select_option("Acme Tents Support")
    page.get_by_label("Name of the form").fill("Winter list")
    policy = page.get_by_role("region", name="Privacy policy")
    policy.get_by_label("Where it leads").fill("https://shop.example/privacy")
    thanks = page.get_by_role("region", name="When it was sent")
    thanks.get_by_label("Title").fill("Thank you")
    thanks.get_by_label("Text").fill("We will write.")
    thanks.get_by_label("Button", exact=True).fill("Back to the shop")
    thanks.get_by_label("Where it leads").fill("https://shop.example/")


def question(screen: Screen, number: int) -> Locator:
    return screen.page.locator(".question").nth(number - 1)


def submit(screen: Screen) -> Locator:
    return screen.page.locator("form.draft button[type=submit]")


def test_forms_go_by_their_page(screen: Screen) -> None:
    """The list of one page is chosen in the address; a page that is not there shows all."""
    open_lead_forms(screen)
    forms = screen.page.locator("#lead-forms")
    screen.choice("Forms of").select_option("Acme Tents Support")
    expect(forms).not_to_contain_text("Newsletter")
    expect(forms).to_contain_text("Call me back")
    screen.page.reload()
    expect(screen.choice("Forms of")).to_have_value("page_1001_2")
    expect(forms).to_contain_text("Call me back")
    screen.page.go_back()
    expect(forms).to_contain_text("Newsletter")
    screen.page.evaluate("location.hash += '&of=page_2001_1'")
    expect(screen.choice("Forms of")).to_have_value("")
    expect(forms).to_contain_text("Newsletter")
    assert screen.faults == []


@pytest.mark.parametrize("width", [1280, 360])
def test_a_form_is_put_together(open_screen: OpenScreen, strict_world: World, width: int) -> None:
    """Questions are added, put in order and taken away by the keyboard; what applies comes and
    goes; the new form is in the list, and arrives at the platform as it was entered."""
    screen = open_screen(width, 800)
    open_lead_forms(screen)
    page = screen.page
    fill(screen)
    add = page.get_by_role("button", name="Add a question")
    add.press("Enter")
    expect(question(screen, 2).get_by_label("What is asked")).to_be_focused()
    question(screen, 2).get_by_label("What is asked").select_option("A question of your own")
    question(screen, 2).get_by_label("Words").fill("How do you sleep outside?")
    question(screen, 2).get_by_label("Choices").fill("In a tent\n\n  Under the stars ")
    add.press("Enter")
    question(screen, 3).get_by_label("What is asked").select_option("City")
    expect(question(screen, 3).get_by_label("Words")).to_have_value("City")
    page.get_by_role("button", name="Move question 2 up").press("Enter")
    expect(page.get_by_role("button", name="Move question 1 down")).to_be_focused()
    page.get_by_role("button", name="Remove question 3").press("Enter")
    expect(question(screen, 2).get_by_label("What is asked")).to_be_focused()

    action = screen.choice("What the button does")
    expect(page.get_by_label("Telephone number")).to_be_hidden()
    action.select_option("Calls you")
    expect(page.get_by_label("Telephone number")).to_be_visible()
    page.get_by_label("Country of the number").fill("de")
    page.get_by_label("Telephone number").fill("+49 30 123456")
    page.get_by_role("checkbox", name="Say something before").check()
    form = page.get_by_role("region", name="The form", exact=True)
    form.get_by_label("Title").fill("Sleep better")
    form.get_by_label("Points").fill("Every week\nNo more than that")
    assert screen.axe() == []
    assert screen.overflow() == 0

    submit(screen).click()
    expect(screen.notices).to_contain_text("“Winter list” is created.")
    expect(page.locator("#lead-forms")).to_contain_text("Winter list")
    expect(submit(screen)).to_be_hidden()
    made = [
        one for one in strict_world.sandbox.world.lead_forms.values() if one.name == "Winter list"
    ]
    assert [one.page for one in made] == ["page_1001_2"]
    (call,) = strict_world.calls("createLeadForm")
    body = json.loads(call["body"])
    assert body["questions"] == [
        {
            "type": "CUSTOM",
            "label": "How do you sleep outside?",
            "options": [
                {"value": "In a tent", "key": "in_a_tent_1"},
                {"value": "Under the stars", "key": "under_the_stars_2"},
            ],
        },
        {"type": "EMAIL", "label": "Email address", "options": []},
    ]
    assert body["thankYouPage"]["countryCode"] == "DE"
    assert "websiteUrl" not in body["thankYouPage"]
    assert body["introPage"]["content"] == ["Every week", "No more than that"]
    assert screen.faults == []


def test_what_is_refused_is_said_where_it_is(screen: Screen, strict_world: World) -> None:
    """A refusal is told at the very question, and at the page that thanks; nothing goes."""
    open_lead_forms(screen)
    fill(screen)
    page = screen.page
    page.get_by_role("button", name="Add a question").click()
    question(screen, 2).get_by_label("What is asked").select_option("A question of your own")
    submit(screen).click()
    words = question(screen, 2).get_by_label("Words")
    expect(words).to_be_focused()
    words.fill("How?")
    question(screen, 2).get_by_label("Choices").fill("x" * 1001)
    screen.choice("What the button does").select_option("Opens WhatsApp")
    page.get_by_label("Country of the number").fill("d1")
    page.get_by_label("Telephone number").fill("call me")
    submit(screen).click()
    expect(page.get_by_label("Country of the number")).to_be_focused()
    expect(page.get_by_label("Telephone number")).to_have_accessible_description(
        re.compile("Write the number with digits and spaces, e.g. .49 30 123456.$")
    )
    page.get_by_label("Country of the number").fill("de")
    page.get_by_label("Telephone number").fill("+49 30 123456")
    page.get_by_role("checkbox", name="Say something before").check()
    form = page.get_by_role("region", name="The form", exact=True)
    form.get_by_label("Title").fill("Sleep better")
    form.get_by_label("Points").fill("\n".join("abcdefghijklmnopqrstuv"))
    submit(screen).click()
    expect(form.get_by_label("Points")).to_be_focused()
    expect(question(screen, 2).get_by_label("Choices")).to_have_attribute("aria-invalid", "true")
    expect(question(screen, 1).get_by_label("Words")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".summary code")).to_have_count(1)  # the request's id, no pointer
    assert strict_world.calls("createLeadForm") == []


def test_nobody_creates_blindly(open_screen: OpenScreen, strict_world: World) -> None:
    """A viewer is told in words and keeps what was typed; with an unknown outcome the form says
    to look at the list first."""
    viewer = open_screen()
    open_lead_forms(viewer, "dora")
    fill(viewer)
    submit(viewer).click()
    summary = viewer.page.locator(".summary")
    expect(summary).to_contain_text("You may look at this ad account, but not change it.")
    expect(viewer.page.get_by_label("Name of the form")).to_have_value("Winter list")
    assert viewer.faults == [f"{REFUSED}403 (Forbidden)"]

    admin = open_screen()
    open_lead_forms(admin)
    fill(admin)
    strict_world.fault("createLeadForm", "reset", afterEffect=True)
    submit(admin).click()
    expect(admin.page.locator(".summary")).to_contain_text("Look at the list above")
    expect(submit(admin)).to_have_text("I have looked: send it again")
    admin.page.get_by_role("button", name="Refresh").click()
    expect(admin.page.locator("#lead-forms")).to_contain_text("Winter list")
    expect(admin.page.get_by_label("Name of the form")).to_have_value("Winter list")
