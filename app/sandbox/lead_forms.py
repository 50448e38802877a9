"""Operations 40 and 41: the lead forms of Facebook pages."""

from __future__ import annotations

from app.sandbox.accounts import readable_accounts, written_account
from app.sandbox.body import Body
from app.sandbox.projection import is_wanted
from app.sandbox.state import Asking, Handler
from app.sandbox.wire import Reply

_CALLS = ("CALL_BUSINESS", "WHATSAPP")


def _get_forms(asking: Asking) -> Reply:
    """No envelope, although the body looks like the inside of one."""
    listed = [
        {"id": form.id, "name": form.name}
        for account in readable_accounts(asking)
        for form in asking.world.forms_of(account.id)
        if is_wanted(asking, "pageId", form.page)
    ]
    return Reply({"data": listed}, bare=True)


def _create_form(asking: Asking) -> Reply:
    account = written_account(asking)
    body = Body(asking.body)
    name, page = body.text("name"), body.text("pageId")
    for needed in ("privacyPolicyUrl", "privacyPolicyName"):
        body.text(needed)
    body.word("language", needed=True)
    _check_questions(body)
    _check_thank_you(body)
    _check_intro(body)
    body.done()
    return Reply({"id": asking.world.add_form(name, page, account.id).id}, 201)


def _check_questions(body: Body) -> None:
    """The documented list of types is cut off, so any word is one."""
    for question in body.parts("questions", needed=True):
        kind = question.word("type", needed=True)
        question.text("label")
        options = question.parts("options")
        if not question.holds("options"):
            question.blame("options", "must be an array of objects")
        if options and kind != "CUSTOM":
            question.blame("options", "are for CUSTOM questions only")
        for option in options:
            option.text("key")
            option.text("value")


def _check_thank_you(body: Body) -> None:
    """The table wants the telephone fields always, its own words only for calls."""
    page = body.part("thankYouPage", needed=True)
    if page is None:
        return
    for needed in ("title", "body", "buttonText"):
        page.text(needed)
    button = page.word("buttonType", needed=True)
    conditional = {"websiteUrl": button == "VIEW_WEBSITE"}
    conditional |= dict.fromkeys(("countryCode", "businessPhoneNumber"), button in _CALLS)
    for name, needed_here in conditional.items():
        if needed_here:
            page.text(name)
        else:
            page.optional_text(name)


def _check_intro(body: Body) -> None:
    page = body.part("introPage")
    if page is None:
        return
    page.text("title")
    page.word("style", needed=True)
    page.list_of("content", str)


LEAD_FORMS: dict[int, Handler] = {40: _get_forms, 41: _create_form}
