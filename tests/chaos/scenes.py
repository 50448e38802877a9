"""The columns of the table: what is going on when a fault strikes, and what became of it.

A scene is played in this order: `prepare`, then the fault strikes the requests that begin with `line`
(the platform's `operation`), `ask`, and `end`, which heals and looks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar
from uuid import uuid4

import httpx2 as httpx

from app.testing.world import Browser
from tests.harness import settle
from tests.money.asks import named, outcome, spend

from .stage import Stage

TEAM = "/teams/team-acme-brand"
ADS = f"{TEAM}/meta/ads?adAccountId=act_1001"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"
# A refused token is suspected when it is older than this (seconds).
SUSPICIOUS = 70.0


class Scene(ABC):
    """`stage` is as new."""

    operation: ClassVar[int] = 33
    line: ClassVar[bytes] = b"GET /api/v1/team-acme-brand/meta/campaigns?"

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    @property
    def ben(self) -> Browser:
        return self.stage.world.browsers[-1]

    @abstractmethod
    def prepare(self) -> None: ...

    @abstractmethod
    def ask(self) -> httpx.Response: ...

    def told(self, answer: httpx.Response) -> str:
        """hit, stale or miss; the status; or status and code of a problem, with its Retry-After."""
        if not answer.is_success:
            problem, pause = answer.json(), answer.headers.get("retry-after")
            return f"{answer.status_code}:{problem['code']}" + (f"({pause})" if pause else "")
        status = answer.headers.get("cache-status", "")
        words = {"detail=stale": "stale", "fwd=miss": "miss", "hit": "hit"}
        said = next((word for sign, word in words.items() if sign in status), None)
        return said or str(answer.status_code)

    def end(self) -> str:
        """How it stands afterwards, in a word; nothing where the answer says it all."""
        self.stage.heal()
        assert self.ben.read(CAMPAIGNS)["items"]
        return ""


class Fresh(Scene):
    """It was read a moment ago."""

    def prepare(self) -> None:
        self.stage.sign_in().read(CAMPAIGNS)

    def ask(self) -> httpx.Response:
        return self.ben.api("GET", CAMPAIGNS)


class Stale(Fresh):
    """It was read a while ago: it keeps, but who may read it has to be asked again."""

    def prepare(self) -> None:
        super().prepare()
        self.stage.world.advance(100)


class Cold(Fresh):
    """It was never read; that he may read it is known."""

    def prepare(self) -> None:
        ready(self.stage, ADS)

    def end(self) -> str:
        self.stage.heal()
        assert self.told(self.ask()) in {"hit", "miss"}
        return ""


class Rename(Scene):
    """A write that does no more when it is done twice: done, or not."""

    operation = 14
    line = b"PATCH /api/v1/team/team-acme-brand"
    NAME = "Acme Renamed"

    def prepare(self) -> None:
        ready(self.stage, TEAM)

    def ask(self) -> httpx.Response:
        return self.ben.api("PATCH", TEAM, json={"name": self.NAME})

    def end(self) -> str:
        name = self.stage.world.sandbox.world.teams["team-acme-brand"].name
        self.stage.heal()
        assert self.ben.read(TEAM)["name"] == name
        return "done" if name == self.NAME else "undone"


class Spend(Scene):
    """A write that spends money: made, not made and the key is free at once, or nobody can say.

    Afterwards the same key brings the same campaign, makes it, or is refused: there is never a second.
    """

    operation = 35
    line = b"POST /api/v1/team-acme-brand/meta/campaigns/traffic"
    NAME = "Chaotic tents"

    def prepare(self) -> None:
        ready(self.stage, ADS)
        self.key = str(uuid4())

    def ask(self) -> httpx.Response:
        return spend(self.ben, self.key, campaignName=self.NAME)

    def end(self) -> str:
        made, free = self.made(), self.state() in {"failed", "forgotten"}
        self.stage.heal()
        state = self.state()
        again = self.ask()
        end = (free, state, made, again.status_code, self.made())
        words = {
            (False, "succeeded", 1, 201, 1): "made",
            (True, "failed", 0, 201, 1): "free",
            (True, "forgotten", 0, 201, 1): "free",
            (False, "unknown", 0, 409, 0): "unknown",
        }
        return words.get(end, repr(end))

    def made(self) -> int:
        return len(named(self.stage.world, self.NAME))

    def state(self) -> str:
        if self.ben.api("GET", f"/writes/{self.key}").status_code == 404:
            return "forgotten"
        return str(outcome(self.ben, self.key)["state"])


class SignIn(Scene):
    """The first request of somebody who just signed in: he has tokens afterwards, or still none."""

    operation = 1
    line = b"POST /api/v1/auth/token"

    def prepare(self) -> None:
        """He signs in when nothing works."""

    def ask(self) -> httpx.Response:
        return self.stage.sign_in().api("GET", TEAM)

    def end(self) -> str:
        assert self.ben.get("/auth/session").status_code == 200
        self.stage.heal()
        self.ben.read(TEAM)
        return "none" if self.stage.exchanges() else "tokens"


class Renew(Scene):
    """A token that is to be refreshed and still good: kept, renewed, or exchanged for another."""

    operation = 2
    line = b"GET /api/v1/auth/refresh"

    def prepare(self) -> None:
        self.stage.sign_in().read(CAMPAIGNS)
        self.stage.world.advance(2800)
        self.stage.sign_in().read(CAMPAIGNS)
        assert not self.stage.refreshes()
        self.stage.world.advance(480)

    def ask(self) -> httpx.Response:
        answer = self.ben.api("GET", CAMPAIGNS)
        settle(self.stage.world)
        return answer

    def told(self, answer: httpx.Response) -> str:
        """How far the refresh has come when the answer is made is nobody's business."""
        return "200" if answer.is_success else super().told(answer)

    def end(self) -> str:
        assert self.ben.get("/auth/session").status_code == 200
        exchanged = bool(self.stage.exchanges())
        self.stage.heal()
        assert self.ben.read(CAMPAIGNS)["items"]
        settle(self.stage.world)
        if self.stage.exchanges():
            return "none"
        if self.stage.refreshes():
            return "kept"
        return "exchanged" if exchanged else "renewed"


class Expired(Renew):
    """The same when it is good no more: there is none until the platform works again."""

    def prepare(self) -> None:
        self.stage.sign_in().read(CAMPAIGNS)
        self.stage.world.advance(3700)
        self.stage.sign_in()

    def end(self) -> str:
        return {"kept": "none"}.get(end := super().end(), end)


SCENES: dict[str, type[Scene]] = {
    "fresh": Fresh,
    "stale": Stale,
    "cold": Cold,
    "write": Rename,
    "money": Spend,
    "sign-in": SignIn,
    "renew": Renew,
    "expired": Expired,
}


def ready(stage: Stage, path: str) -> None:
    """He reads this, so that all that decides on him is known, with a token that is not new."""
    stage.sign_in().read(TEAM)
    stage.world.advance(SUSPICIOUS)
    stage.world.browsers[-1].read(path)
