"""Fields of every kind: what they give, what they hold back, and what they say of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .screen import Screen

# A form as a page builds it, with one field of each kind; what `act` got is kept for the test.
BUILD = """async () => {
  const fields = await import("/console/fields.js");
  const { createForm } = await import("/console/forms.js");
  const options = [{ value: "a", words: "First" }, { value: "b", words: "Second" }];
  window.sent = [];
  const form = createForm({
    label: "Everything",
    submit: "Send",
    fields: {
      name: fields.textField({ name: "name", label: "Name", hint: "As you like", required: true }),
      text: fields.textArea({ name: "text", label: "Text" }),
      budget: fields.numberField({ name: "budget", label: "Budget", min: 1 }),
      day: fields.dateField({ name: "day", label: "Day" }),
      kind: fields.selectField({ name: "kind", label: "Kind", options, value: "b" }),
      where: fields.checkboxes({ name: "where", label: "Where", options, required: true }),
    },
    act: (values) => void window.sent.push(values),
  });
  document.querySelector("main").replaceChildren(form.element);
}"""


@pytest.fixture
def form(screen: Screen) -> Screen:
    screen.open()
    expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    screen.page.evaluate(BUILD)
    return screen


def test_values_have_their_kinds(form: Screen) -> None:
    """Text comes without the spaces around it, a number as one, and what is empty as nothing."""
    page = form.page
    page.get_by_label("Name").fill("  Spring ")
    page.get_by_label("Budget").fill("12.5")
    page.get_by_label("Day").fill("2026-05-01")
    page.get_by_role("checkbox", name="Second").check()
    page.get_by_role("button", name="Send").click()
    given = {"name": "Spring", "text": "", "budget": 12.5, "day": "2026-05-01", "kind": "b"}
    assert page.evaluate("window.sent") == [given | {"where": ["b"]}]
    page.get_by_label("Budget").fill("")
    page.get_by_role("button", name="Send").click()
    assert page.evaluate("window.sent[1].budget") is None
    assert form.faults == []


def test_what_is_wrong_is_not_sent(form: Screen) -> None:
    """Every fault is told at its field beside the hint, the first has the focus, nothing is sent;
    and the form with its faults can be read by everybody."""
    page = form.page
    page.get_by_label("Budget").fill("0")
    page.get_by_role("button", name="Send").click()
    name = page.get_by_label("Name")
    expect(name).to_be_focused()
    expect(name).to_have_accessible_description("As you like Please fill out this field.")
    expect(page.get_by_label("Budget")).to_have_attribute("aria-invalid", "true")
    group = page.get_by_role("group", name="Where")
    expect(group).to_have_accessible_description("Choose at least one.")
    assert page.evaluate("window.sent") == []
    assert form.axe() == []
    page.get_by_label("Budget").fill("2")
    name.fill("Spring")
    page.get_by_role("checkbox", name="First").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_label("Budget")).not_to_have_attribute("aria-invalid", "true")
    assert len(page.evaluate("window.sent")) == 1


# A field that consists of two others, of which the second is needed only sometimes.
BUILD_OF_PARTS = """async () => {
  const { textField } = await import("/console/fields.js");
  const { createForm } = await import("/console/forms.js");
  const { Problem } = await import("/console/http.js");
  const { html } = await import("/console/elements.js");
  const [one, other] = ["/body/list/0", "/body/list/1"];
  const first = textField({ name: "first", label: "First", pointer: one, required: true });
  const second = textField({ name: "second", label: "Second", pointer: other });
  const words = html("p", { id: "of-the-list" });
  const list = {
    name: "list",
    pointer: "/body/list",
    element: html("div", {}, first.element, second.element, words),
    value: () => [first.value(), second.value()],
    set: () => {},
    check: () => "",
    fault: (said) => words.replaceChildren(said),
    focus: () => first.focus(),
    parts: () => [first, second],
  };
  window.demand = second.demand;
  window.errors = [];
  const act = () => { throw new Problem(422, { title: "Not valid", errors: window.errors }); };
  const form = createForm({ fields: { list }, submit: "Send", act });
  window.rename = form.rename;
  document.querySelector("main").replaceChildren(form.element);
}"""


def test_a_field_of_parts_tells_where_in_it(screen: Screen) -> None:
    """What is wrong in a part is told there and only there, the rest at the whole; what is needed
    can change, and so can what the button says."""
    screen.open()
    expect(screen.page.get_by_role("link", name="Sign in")).to_be_visible()
    screen.page.evaluate(BUILD_OF_PARTS)
    page = screen.page
    first, second = page.get_by_label("First"), page.get_by_label("Second")
    send = page.get_by_role("button", name="Send")
    send.click()
    expect(first).to_be_focused()
    expect(second).not_to_have_attribute("aria-invalid", "true")
    first.fill("a")
    page.evaluate("window.demand(true)")
    expect(page.get_by_label("Second", exact=True)).to_be_visible()
    send.click()
    expect(second).to_be_focused()
    page.evaluate("window.demand(false)")
    expect(page.get_by_label("Second (optional)")).to_be_visible()
    page.evaluate(
        """window.errors = [
          { pointer: "/body/list/1/name", message: "is taken" },
          { pointer: "/body/list/0", message: "use 1 small letter" },
          { pointer: "/body/list", message: "is too short" },
        ]"""
    )
    page.evaluate("window.rename('Send again')")
    page.get_by_role("button", name="Send again").click()
    expect(second).to_have_accessible_description("Is taken.")
    expect(first).to_have_accessible_description("Use 1 small letter.")
    expect(page.locator("#of-the-list")).to_have_text("Is too short.")
    expect(page.locator(".summary li")).to_have_count(0)
