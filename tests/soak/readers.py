"""Those who read: lists and figures, dashboards, streams, and browsers that sign in and out."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx2 as httpx

from app.testing.world import API
from tests.soak.callers import Answer, Callers, Lost
from tests.soak.places import FOREIGN, PLACES, WORKSPACES

Gate = Callable[[], Awaitable[None]]
PEOPLE = ("ana", "ben", "kim", "gwen", "hugo")
SAME_ORIGIN = {"X-BFF": "1", "Sec-Fetch-Site": "same-origin"}
OTHER_SITE = {"Sec-Fetch-Site": "cross-site"}


def period(chance: random.Random) -> dict[str, str]:
    """Some days of the last two years; seldom the same twice."""
    end = datetime.now(UTC).date() - timedelta(days=chance.randrange(1, 300))
    start = end - timedelta(days=chance.randrange(1, 30))
    return {"startDate": start.isoformat(), "endDate": end.isoformat()}


class Readers:
    """What they ask is drawn by chance."""

    def __init__(self, callers: Callers) -> None:
        self.callers = callers
        self.events = 0
        self.sign_ins = 0

    async def read(self, chance: random.Random, gate: Gate, pause: float) -> None:
        """One reader, who asks again after up to so many seconds."""
        while True:
            await gate()
            if chance.random() < 0.05:
                await self._pry(chance)
            else:
                await self._look(chance)
            await asyncio.sleep(chance.uniform(0, pause))

    async def figures(self, chance: random.Random, gate: Gate) -> None:
        """One after the other whom no cache can help: each asks one thing of the platform."""
        while True:
            await gate()
            place = chance.choice(PLACES)
            path, params = f"/teams/{place.team}/meta/insights", place.query | period(chance)
            await self.callers.ask("read", chance.choice(place.users), "GET", path, params=params)
            await asyncio.sleep(0.05)

    async def dashboard(self, chance: random.Random, gate: Gate) -> None:
        """One dashboard after the other, without a pause and each of another period."""
        while True:
            await gate()
            place = chance.choice(PLACES)
            params = place.query | period(chance) | {"compare": "previous"}
            path = f"/teams/{place.team}/dashboard"
            user = chance.choice(place.users)
            await self.callers.ask("dashboard", user, "GET", path, params=params)

    async def _look(self, chance: random.Random) -> None:
        place = chance.choice(PLACES)
        user, team = chance.choice(place.users), f"/teams/{place.team}"
        workspace = chance.choice(tuple(WORKSPACES))
        reads: tuple[tuple[str, str, dict[str, str] | None], ...] = (
            (user, team, None),
            (user, f"{team}/members", None),
            (user, f"{team}/connections", None),
            (user, f"{team}/meta/campaigns", place.query),
            (user, f"{team}/meta/lead-forms", place.query),
            (user, f"{team}/meta/insights", place.query | period(chance)),
            (chance.choice(WORKSPACES[workspace]), f"/workspaces/{workspace}/teams", None),
        )
        user, path, params = chance.choice(reads)
        await self.callers.ask("read", user, "GET", path, params=params)

    async def _pry(self, chance: random.Random) -> None:
        """What is not his is never shown to him, whatever is broken."""
        user, team = chance.choice(FOREIGN)
        answer = await self.callers.ask("read", user, "GET", f"/teams/{team}/members")
        if answer.status < 400 and answer.status != 0:
            self.callers.tally.breaches.append(f"{user} was shown {team}")

    # --- streams ----------------------------------------------------------------------------------

    async def stream(self, chance: random.Random, gate: Gate) -> None:
        """One dashboard that is followed; a stream that ends is opened again."""
        while True:
            await gate()
            with suppress(Lost):
                await self._follow(chance)
            await asyncio.sleep(0.5)

    async def _follow(self, chance: random.Random) -> None:
        place = chance.choice(PLACES)
        url = f"{self.callers.somewhere()}{API}/teams/{place.team}/dashboard/stream"
        params = place.query | period(chance)
        headers = self.callers.headers(place.users[0])
        async with self.callers.http.stream("GET", url, params=params, headers=headers) as answer:
            self.callers.tally.note("stream", str(answer.status_code), 0.0)
            async for line in answer.aiter_lines():
                self.events += line.startswith("event:")

    # --- browsers ---------------------------------------------------------------------------------

    async def browse(self, chance: random.Random, gate: Gate) -> None:
        """Sign in, read a little, sign out."""
        while True:
            await gate()
            async with httpx.AsyncClient(trust_env=False, timeout=60, headers=SAME_ORIGIN) as http:
                with suppress(Lost):
                    await self._visit(http, chance)
            await asyncio.sleep(chance.uniform(0.1, 1.0))

    async def _visit(self, http: httpx.AsyncClient, chance: random.Random) -> None:
        user = chance.choice(PEOPLE)
        if not await self._sign_in(http, user):
            return
        self.sign_ins += 1
        for _ in range(chance.randrange(3, 12)):
            answer = await self._get(http, "/auth/session", SAME_ORIGIN)
            if answer.status == 401:
                return  # the session was lost with Redis' memory
            if answer.ok and answer.body["user"] != user:
                self.callers.tally.breaches.append(f"{user} was signed in as somebody else")
            await asyncio.sleep(0.2)
        url = f"{self.callers.somewhere()}/auth/logout"
        await self.callers.send("session", http, http.build_request("POST", url))

    async def _sign_in(self, http: httpx.AsyncClient, user: str) -> bool:
        """The whole login, begun at one replica and finished at any; whether it succeeded."""
        login = http.build_request("GET", f"{self.callers.somewhere()}/auth/login")
        started = await http.send(login)
        if started.status_code != 303:
            self.callers.tally.note("session", f"login {started.status_code}", 0.0)
            return False
        page = await http.get(started.headers["location"])
        action = re.search(r'action="([^"]+)"', page.text)
        if action is None:
            return False
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        fields = {name: unescape(value) for name, value in hidden} | {"user": user}
        chosen = await http.post(str(page.url.join(unescape(action[1]))), data=fields)
        back = httpx.URL(chosen.headers["location"]).raw_path.decode()
        return (await self._get(http, back, OTHER_SITE)).status == 303

    async def _get(self, http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> Answer:
        url = self.callers.somewhere() + path
        return await self.callers.send(
            "session", http, http.build_request("GET", url, headers=headers)
        )
