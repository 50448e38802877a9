"""What was recorded is answered again, byte for byte but for whose it was; nobody's data is on a tape."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.clock import today
from app.sandbox.demo import PEOPLE
from app.tape import VERSION, UnreadableTape, read_tape
from app.testing.world import API_KEY, Browser
from tests.proxy.asks import READS, ask_of
from tests.recorder.stage import Recording, recording, replaying

TEAM = "/teams/team-acme-brand"
ACCOUNT = "adAccountId=act_1001"
CAMPAIGNS = f"{TEAM}/meta/campaigns?{ACCOUNT}"
# Of the demo world: ids, names and words that somebody typed.
WHOSE = (
    *("team-acme", "conn-acme", "act_1001", "acc-1001", "cmp_1001", "acme", "Acme", "globex"),
    *("Tents", "Boots", "Spring launch", "Größen", "Newsletter", 'externalUserId":"ana'),
    *(person.name for person in PEOPLE),
)


@dataclass
class Played:
    """What was answered when it was recorded, by the target that asks for it again."""

    tape: Path
    answered: dict[str, Any]
    tokens: list[str]


def days(browser: Browser, recorded: Recording, ago: int = 0) -> str:
    end = today(recorded.world.clock) - timedelta(days=ago)
    return f"startDate={end - timedelta(days=6)}&endDate={end}"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Every read of the catalogue, recorded once."""
    tape = tmp_path_factory.mktemp("tape") / "tape.jsonl"
    with recording(tape) as recorded:
        ana = recorded.world.sign_in("ana")
        targets = [ask_of(operation).target for operation in READS]
        answers = {target: ana.api("GET", target.removeprefix("/api/v1")) for target in targets}
        assert {answer.status_code for answer in answers.values()} == {200}
        answered = {recorded.renamed(target): one.json() for target, one in answers.items()}
        tokens = [*recorded.recorder._secrets]
    return Played(tape, answered, tokens)


def alike(one: Any, other: Any, forth: dict[str, str], back: dict[str, str]) -> bool:
    """Whether the two differ by other words only, always the same ones for the same."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(
            alike(one[name], other[name], forth, back) for name in one
        )
    if isinstance(one, list):
        pairs = zip(one, other, strict=True)
        return len(one) == len(other) and all(alike(*pair, forth, back) for pair in pairs)
    if isinstance(one, str):
        return forth.setdefault(one, other) == other and back.setdefault(other, one) == one
    return bool(one == other)


def test_what_was_recorded_is_answered_again(played: Played) -> None:
    """Every read, whoever's ids it names: the same figures, moments and words, under other names."""
    forth: dict[str, str] = {}
    back: dict[str, str] = {}
    with replaying(played.tape) as world:
        ana = world.sign_in("user-1")
        for target, before in played.answered.items():
            answer = ana.api("GET", target.removeprefix("/api/v1"))
            assert answer.status_code == 200, (target, answer.text)
            assert alike(before, answer.json(), forth, back), target
    assert {forth["PAUSED"], forth["ACTIVE"]} == {"PAUSED", "ACTIVE"}


@pytest.mark.holds(27)
def test_nobodys_data_is_on_a_tape(played: Played) -> None:
    """No id, name, address or typed word, and no key or token even in part; only its owner reads it."""
    written = played.tape.read_text("utf-8")
    assert [word for word in WHOSE if word in written] == []
    assert len(played.tokens) >= 3
    for secret in played.tokens:
        parts = [secret[at : at + 12] for at in range(len(secret) - 11)]
        assert [part for part in parts if part in written] == []
    assert stat.S_IMODE(played.tape.stat().st_mode) == 0o600


def test_who_was_recorded_can_sign_in_and_nobody_else(played: Played) -> None:
    """With the enterprises that he asked for, under their pseudonyms."""
    with replaying(played.tape) as world:
        session = world.sign_in("user-1").get("/auth/session").json()
        assert len(session["enterprises"]) == 1
        assert session["enterprises"] != ["acme"]
        refused = world.browser().get("/auth/login", params={"returnTo": "/"})
        chosen = world.browser().choose(refused.headers["location"], "ana")
        assert "error=access_denied" in chosen


def test_what_was_not_recorded_is_said_to_be(played: Played) -> None:
    """The platform's error names the question, and the gateway answers as for any of its failures."""
    with replaying(played.tape) as world:
        token = _token(world.sandbox_server.origin, "user-1")
        answer = httpx.get(
            f"{world.sandbox_server.origin}/api/v1/connections/nothing/insights",
            headers={"x-api-key": API_KEY, "authorization": f"Bearer {token}"},
            trust_env=False,
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NOT_RECORDED")
        assert "GET /connections/nothing/insights" in answer.json()["error"]["message"]


def _token(origin: str, user: str) -> str:
    exchanged = httpx.post(
        f"{origin}/api/v1/auth/token",
        json={"externalUserId": user},
        headers={"x-api-key": API_KEY},
        trust_env=False,
    )
    token: str = exchanged.json()["data"]["accessToken"]
    return token


def test_it_is_played_in_its_order_and_on_any_day(tmp_path: Path) -> None:
    """A read before and after a write differs; a period of the last days is found a month later, and
    what was typed need not be typed again."""
    tape = tmp_path / "tape.jsonl"
    with recording(tape) as recorded:
        ana = recorded.world.sign_in("ana")
        team = recorded.renamed
        ana.read(f"{TEAM}/meta/insights?{ACCOUNT}&{days(ana, recorded)}")
        before = ana.read(TEAM)["name"]
        ana.api("PATCH", TEAM, json={"name": "Typed canary"}).raise_for_status()
        recorded.world.advance(60)
        assert ana.read(TEAM)["name"] == "Typed canary" != before
        path, insights = team(TEAM), team(f"{TEAM}/meta/insights?{ACCOUNT}")
    assert "Typed canary" not in tape.read_text("utf-8")
    with replaying(tape) as world:
        world.sandbox.clock.advance(30 * 86_400)
        world.clock.advance(30 * 86_400)
        ana = world.sign_in("user-1")
        later = Recording(world, recorded.recorder)
        assert ana.read(f"{insights}&{days(ana, later)}")["items"]
        first = ana.read(path)["name"]
        changed = ana.api("PATCH", path, json={"name": "Something else"})
        assert changed.status_code == 200, changed.text
        world.advance(60)
        assert ana.read(path)["name"] != first


def test_tokens_from_before_are_issued_anew(tmp_path: Path) -> None:
    """The recorder has to know whose a token is: another one is refused, and the gateway asks again."""
    with recording(tmp_path / "tape.jsonl") as recorded:
        ana = recorded.world.sign_in("ana")
        ana.read(CAMPAIGNS)
        recorded.recorder._users.clear()
        recorded.world.advance(61)
        ana.read(CAMPAIGNS)
        assert len(recorded.world.calls("exchangeToken")) == 2


@pytest.mark.holds(27)
def test_what_quotes_a_credential_is_withheld(tmp_path: Path) -> None:
    """A platform that repeats the key where a word is expected: the answer passes, the tape has none."""
    tape = tmp_path / "tape.jsonl"
    with recording(tape) as recorded:
        ana = recorded.world.sign_in("ana")
        ana.read(CAMPAIGNS)
        recorded.recorder._secrets["CANARYKEYCANARYKEY"] = None
        body = json.dumps({"success": True, "data": [{"id": "x", "status": "ACANARYKEYCANARY"}]})
        recorded.world.fault("getCampaigns", "status", status=200, body=body)
        assert [item["id"] for item in ana.read(CAMPAIGNS)["items"]] == ["x"]
        assert recorded.recorder.withheld == 1
    assert "CANARY" not in tape.read_text("utf-8")


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([{"tape": "ads-bff", "version": VERSION + 1}], "another version"),
        ([{"something": "else"}], "is no tape"),
        ([], "is no tape"),
        ([{"tape": "ads-bff", "version": VERSION}, {"operation": "x"}], "no exchange"),
    ],
)
def test_what_is_no_tape_is_refused(tmp_path: Path, lines: list[Any], sentence: str) -> None:
    """With a sentence that says which of the two it is: another version, or something else."""
    tape = tmp_path / "tape.jsonl"
    tape.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(UnreadableTape, match=sentence):
        read_tape(tape)


def test_a_line_that_was_cut_off_is_none(played: Played, tmp_path: Path) -> None:
    """A recorder that was killed leaves a tape that plays."""
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(played.tape.read_bytes()[:-10])
    assert len(read_tape(cut)) == len(read_tape(played.tape)) - 1
