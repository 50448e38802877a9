"""What this release writes is what is remembered that it writes, and it reads all that it says it reads.

`samples.json` holds, for each form and version, what stands sealed. Who changes a record finds here that
replicas of the last release will meet it: decision 31 says what to do then, and what is added here.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from app.cache import second_level
from app.cache.entries import Content, Entry
from app.cache.epochs import Snapshot
from app.catalogue.tags import Tag
from app.catalogue.writes import WriteState
from app.clock import MovableClock
from app.gateway.attempts import Attempt
from app.gateway.consents import Errand
from app.ledger import redis_grants
from app.ledger.grants import GrantRow, Remembered
from app.main import create_app
from app.sealing import Form
from app.session.app_request import AppRequest
from app.session.logins import Login
from app.session.redis_records import RedisRecords
from app.session.sessions import Session
from app.session.stores import Stores
from app.testing.world import settings_for
from app.upstream import shared_tokens
from app.upstream.pair import Pair
from tests.replicas.cluster import RING_KEY

SAMPLES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("samples.json").read_text("utf-8")
)
UNTIL = 1_800_000_000.5

# One of each, every field filled.
RECORDS: dict[str, Any] = {
    "session": Session(
        key="0f" * 32,
        handle="handle",
        user="ben",
        subject="sub-ben",
        enterprises=frozenset({"acme"}),
        name="Ben",
        explains=True,
        how="oidc",
        provider_session="sid-1",
        created=1.5,
        seen=2.5,
        idle_ends=3.5,
        absolute_ends=4.5,
    ),
    "login": Login(
        id="login",
        return_to="/",
        started=1.5,
        prior="0f" * 32,
        nonce="nonce",
        verifier="verifier",
        binding="binding",
        silent=True,
        app=AppRequest("com.example.app:/in", "challenge", "state"),
    ),
    "bar": 1.5,
    "logout": 1.5,
    "id token": "header.claims.signature",
    "logout address": "https://login.example.com/logout",
    "hand-off": "handed",
    "consent": Errand("team-1", "https://app.example.com/done"),
    "attempt": Attempt(
        user="ben",
        key="key",
        operation="createTrafficCampaign",
        fingerprint="fingerprint",
        team_id="team-1",
        ad_account_id="act_1",
        name="Spring",
        state=WriteState.SUCCEEDED,
        began_at=1.5,
        until=2.5,
        before=("cmp_1",),
        answer='{"id":"cmp_2"}',
        code="none",
        budget=10,
    ),
    "ending": "succeeded",
}
GRANT = GrantRow("team-1", "act_1", "cleo", Remembered.VIEWER, "ben", 1.5)
PAIR = Pair("access", "refresh", 1.5, 2.5, 3.5, 4.5)
ENTRY = Entry(
    Content(b'{"items":[]}', items=0),
    1.5,
    2.5,
    3.5,
    Snapshot({Tag("team", "team-1"): b"\x01"}, True),
)


def records() -> dict[str, RedisRecords[Any]]:
    """All that a gateway with Redis keeps as records, by what they are sealed for."""
    settings = settings_for(
        "http://127.0.0.1:1",
        "http://localhost:1",
        redis={"url": "redis://127.0.0.1:1/0"},
        session={"keys": [RING_KEY]},
    )
    parts = create_app(settings, clock=MovableClock()).state.parts
    places = [getattr(parts.stores, one.name) for one in fields(Stores)]
    places += [parts.attempts, parts.endings, parts.consents._errands]
    found = [one for one in places if isinstance(one, RedisRecords)]
    return {one._form.purpose: one for one in found}


def sample(form: Form, version: int) -> Any:
    return SAMPLES[form.purpose][str(version)]


def test_every_form_has_a_sample_of_each_version_that_is_read() -> None:
    """No kind of record is forgotten here, and no sample is left of what nobody reads any more."""
    forms = [one._form for one in records().values()]
    forms += [second_level.FORM, shared_tokens.FORM, redis_grants.FORM]
    assert {form.purpose: set(map(str, form.reads)) for form in forms} == {
        purpose: set(versions) for purpose, versions in SAMPLES.items()
    }
    assert all(form.writes in form.reads for form in forms)


@pytest.mark.parametrize("purpose", sorted(RECORDS))
def test_records_are_written_and_read_as_their_samples(purpose: str) -> None:
    """To the field: one that is new, gone or called otherwise is another version."""
    kept = records()[purpose]
    written = from_json(kept._written.dump_json((UNTIL, RECORDS[purpose])))
    assert written == sample(kept._form, kept._form.writes)
    for version in kept._form.reads:
        read = kept._written.validate_json(to_json(sample(kept._form, version)))
        assert read == (UNTIL, RECORDS[purpose])


def test_permissions_are_written_as_their_sample() -> None:
    assert from_json(to_json(asdict(GRANT))) == sample(redis_grants.FORM, redis_grants.FORM.writes)
    for version in redis_grants.FORM.reads:
        assert redis_grants.row_of(sample(redis_grants.FORM, version)) == GRANT


def test_tokens_are_written_as_their_sample() -> None:
    assert asdict(PAIR) == sample(shared_tokens.FORM, shared_tokens.FORM.writes)
    for version in shared_tokens.FORM.reads:
        assert Pair(**sample(shared_tokens.FORM, version)) == PAIR


def test_entries_are_written_as_their_sample() -> None:
    """The line that describes one; the etag is of the body that follows."""
    line, _, body = second_level._written(ENTRY, None).partition(b"\n")
    assert from_json(line) == sample(second_level.FORM, second_level.FORM.writes)
    assert body == ENTRY.content.body
