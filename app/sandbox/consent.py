"""The consent page: where the browser goes to finish a connection, as at the advertising platform.

Like theirs, the state is unsigned, the place to return to is not checked, and the outcome is
appended to it without looking whether a query is there already.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.demo import campaigns_for
from app.sandbox.pages import hidden, page
from app.sandbox.records import AdAccount
from app.sandbox.refusal import Refusal
from app.sandbox.state import Sandbox
from app.sandbox.wire import Fields

_OFFERED = ("New season", "Outlet", "Loyalty club")
_CAMPAIGNS_EACH = 4


@dataclass(frozen=True, slots=True)
class _State:
    """What the connection was asked with, as it came back through the browser."""

    text: str
    team_id: str
    platform: str
    redirect: str | None


class Consent:
    """The page and what its two buttons do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/consent", self.ask, methods=["GET"]),
            Route("/consent", self.decide, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        state = self._state(request.query_params.get("state", ""))
        return _unknown() if state is None else self._form(state)

    async def decide(self, request: Request) -> Response:
        form = await request.form()
        state = self._state(str(form.get("state", "")))
        if state is None:
            return _unknown()
        if form.get("decision") != "allow":
            return _back(state, "cancelled")
        offered = {one.account_id: one for one in _offers(state.team_id)}
        chosen = [offered[str(one)] for one in form.getlist("account") if one in offered]
        if not chosen:
            return self._form(state, "Choose at least one ad account.", 400)
        self._connect(state, chosen)
        return _back(state, "success")

    def _state(self, text: str) -> _State | None:
        """None for what cannot be read, or names a team that is not there."""
        try:
            fields = Fields(json.loads(text))
            team_id, platform = fields.text("teamId"), fields.text("platform")
            redirect = fields.optional_text("redirect")
            fields.done()
        except (ValueError, Refusal):
            return None
        if team_id not in self._sandbox.world.teams:
            return None
        return _State(text, team_id, platform, redirect)

    def _form(self, state: _State, fault: str = "", status: int = 200) -> Response:
        team = self._sandbox.world.teams[state.team_id]
        boxes = "".join(
            f'<label><input type="checkbox" name="account" value="{escape(one.account_id)}"'
            f"{' checked' if n == 0 else ''}> {escape(one.name)}"
            f" <code>{escape(one.account_id)}</code></label>"
            for n, one in enumerate(_offers(state.team_id))
        )
        body = (
            f'<p role="alert">{escape(fault)}</p>'
            f"<p>The team “{escape(team.name)}” asks for access to your ad accounts.</p>"
            f'<form method="post" action="/consent">{hidden("state", state.text)}'
            f"<fieldset><legend>Ad accounts</legend>{boxes}</fieldset>"
            '<button name="decision" value="allow">Allow</button> '
            '<button name="decision" value="cancel">Cancel</button></form>'
        )
        # No form-action: the way back is anybody's address, and may lead on from there.
        return page("Connect ad accounts", body, status=status, forms_to=None)

    def _connect(self, state: _State, chosen: Sequence[AdAccount]) -> None:
        world = self._sandbox.world
        for account in chosen:
            if account.id not in world.accounts:
                campaigns = campaigns_for(account, _CAMPAIGNS_EACH, self._sandbox.clock)
                world.add_account(account, campaigns)
        world.connect(state.team_id, [one.id for one in chosen], platform=state.platform)


def _offers(team_id: str) -> list[AdAccount]:
    """Three accounts of the person who consents, always the same ones for a team."""
    base = 3_000_000 + zlib.crc32(team_id.encode()) % 1_000_000 * 10
    return [
        AdAccount(f"acc-{base + n}", f"act_{base + n}", name) for n, name in enumerate(_OFFERED, 1)
    ]


def _back(state: _State, outcome: str) -> Response:
    if state.redirect is None:
        return page("Connect ad accounts", f"<p>Done: {outcome}. You can close this page.</p>")
    return RedirectResponse(f"{state.redirect}?connection={outcome}", 302)


def _unknown() -> Response:
    return page("Connect ad accounts", "<p>This link is not valid any more.</p>", status=400)
