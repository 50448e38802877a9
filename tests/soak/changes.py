"""Writes that may be repeated: each thing has one owner, who knows what it must be by now."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.soak.callers import Answer, Callers
from tests.soak.platform import Platform

# Seconds after which whatever was sent has arrived or never will: the platform's slowest answer,
# and a bit.
LATE = 10.0
# Seconds within which every replica has heard of a change (requirement 76), and a bit.
HEARD = 1.5
BRAND, SHOP = "/teams/team-acme-brand", "/teams/team-globex-shop"


@dataclass
class Owned:
    """A thing with a value. `possible`: what the platform may say it is, for all that is known."""

    name: str
    values: tuple[str, ...]
    write: Callable[[str], Awaitable[Answer]]
    look: Callable[[], Awaitable[str | None]]
    truth: Callable[[], Awaitable[str]]
    possible: set[str] = field(default_factory=set)
    written: int = 0
    unseen: list[str] = field(default_factory=list)

    async def change(self, chance: random.Random) -> float:
        """One change; gives the seconds until the next may be made."""
        value = chance.choice(self.values)
        self.possible |= {value}
        answer = await self.write(value)
        if answer.status in {0, 500, 502, 504}:
            return LATE  # it may arrive yet: who wrote now could be overtaken by it
        if answer.ok:
            self.possible = {value}
            self.written += 1
        return 0.0

    async def looks(self) -> None:
        """What was written a moment ago is what is read, wherever: nothing from before."""
        if len(self.possible) != 1:
            return
        (expected,) = self.possible
        seen = await self.look()
        if seen is not None and seen != expected:
            self.unseen.append(f"{self.name}: {expected} was written, {seen} was read")


def owned(callers: Callers, platform: Platform) -> list[Owned]:
    """One of each kind of repeatable write, and some more campaigns."""
    things = [
        _campaign(callers, platform, "ben", "team-acme-brand", "act_1001", f"cmp_1001_{n}")
        for n in (1, 2, 3)
    ]
    things += [
        _campaign(callers, platform, "hugo", "team-globex-shop", "act_2001", f"cmp_2001_{n}")
        for n in (1, 2)
    ]
    return [
        *things,
        _name(callers, platform, "hugo", "team-globex-shop"),
        _name(callers, platform, "kim", "team-acme-agency"),
        _member(callers, platform, "kim", "team-globex-agency", "emil"),
        _member(callers, platform, "ana", "team-acme-default", "dora"),
    ]


def _campaign(
    callers: Callers, platform: Platform, user: str, team: str, account: str, campaign: str
) -> Owned:
    path = f"/teams/{team}/meta/campaigns"

    async def write(status: str) -> Answer:
        body, params = {"status": status}, {"adAccountId": account}
        address = f"{path}/{campaign}"
        return await callers.ask("change", user, "PATCH", address, params=params, body=body)

    async def look() -> str | None:
        params = {"adAccountId": account, "campaignId": campaign}
        answer = await callers.ask("read", user, "GET", path, params=params)
        return _only(answer, "status")

    async def truth() -> str:
        listed = await platform.campaigns(team, account)
        return next(one["status"] for one in listed if one["id"] == campaign)

    return Owned(campaign, ("ACTIVE", "PAUSED"), write, look, truth)


def _name(callers: Callers, platform: Platform, user: str, team: str) -> Owned:
    path = f"/teams/{team}"

    async def write(name: str) -> Answer:
        return await callers.ask("change", user, "PATCH", path, body={"name": name})

    async def look() -> str | None:
        answer = await callers.ask("read", user, "GET", path)
        return str(answer.body["name"]) if answer.ok else None

    async def truth() -> str:
        return str((await platform.team(team))["name"])

    return Owned(team, tuple(f"Team {n}" for n in range(100)), write, look, truth)


def _member(callers: Callers, platform: Platform, user: str, team: str, member: str) -> Owned:
    path = f"/teams/{team}/members"

    async def write(value: str) -> Answer:
        if value == "in":
            body = {"members": [{"externalUserId": member, "role": "MEMBER"}]}
            return await callers.ask("change", user, "POST", path, body=body)
        params = {"externalUserId": member}
        return await callers.ask("change", user, "DELETE", path, params=params)

    async def look() -> str | None:
        answer = await callers.ask("read", user, "GET", path)
        return _in({one["externalUserId"] for one in answer.body["items"]}) if answer.ok else None

    async def truth() -> str:
        members: list[Any] = (await platform.team(team))["TeamMembers"]
        return _in({one["user"]["externalUserId"] for one in members})

    def _in(members: set[str]) -> str:
        return "in" if member in members else "out"

    return Owned(f"{member} in {team}", ("in", "out"), write, look, truth)


def _only(answer: Answer, field_: str) -> str | None:
    items = answer.body["items"] if answer.ok else []
    return str(items[0][field_]) if len(items) == 1 else None


async def keep_changing(
    thing: Owned, chance: random.Random, gate: Callable[[], Awaitable[None]]
) -> None:
    """Again and again, and looked at in between; `gate` lets through while changes are on."""
    rest = 0.0
    while True:
        await asyncio.sleep(max(rest, chance.uniform(0.05, 0.5)))
        await gate()
        rest = await thing.change(chance)
        if rest == 0.0 and chance.random() < 0.3:
            await asyncio.sleep(HEARD)
            await thing.looks()
