"""Thousands of hostile ids, in every place where an id can stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.testing.world import Browser, World, world
from tests.proxy.asks import READS, WHO, ask_of
from tests.proxy.declared import undeclared_calls
from tests.proxy.hostile import IdPlace, id_places, some_hostile_ids
from tests.proxy.wire import KeptOpen

PLACES = tuple(id_places())
EACH = 25
LEAST = 2_000
# Words of Globex that no answer about Acme holds.
FOREIGN = ("Globex", "globex", "gwen", "hugo", "act_2001", "act_2002", "cmp_2001", "acc-2001")
# Lone surrogates and controls as well, which JSON can write.
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)
SPELT = st.one_of(
    st.text(max_size=40).map(lambda text: quote(text, safe="")),
    st.binary(max_size=20).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw)),
)


@dataclass
class Attacker:
    """The workspace's admin, with a connection where every byte is his."""

    world: World
    browser: Browser
    connection: KeptOpen

    def ask(self, place: IdPlace, hostile: str) -> None:
        """Send it; the answer is no failure of ours and tells nothing of Globex."""
        answer = self.connection.send(place.request(hostile, self.browser.session_cookie))
        assert answer.status < 500, (str(place), hostile, answer)
        if answer.status < 300:
            told = answer.body.decode().replace(hostile, "")
            assert not [word for word in FOREIGN if word in told], (str(place), hostile, told)


@pytest.fixture
def attacker() -> Iterator[Attacker]:
    """In a world of his own, where nothing is kept, so that each read asks the platform."""
    with world(cache={"max_bytes": 0}) as running:
        kept = KeptOpen(running.origin)
        yield Attacker(running, running.sign_in(WHO), kept)
        kept.close()


@pytest.mark.holds(34, 35, 36, 48, 49, 72)
def test_no_id_in_any_place_leads_astray(attacker: Attacker) -> None:
    """Only declared calls are made, nothing is a 5xx, nothing of another tenant is answered."""
    sent: set[str] = set()
    for turn, place in enumerate(PLACES):
        attacker.world.sandbox.calls.clear()
        for hostile in some_hostile_ids(place, turn, EACH):
            attacker.ask(place, hostile)
            sent.add(hostile)
        assert undeclared_calls(attacker.world) == [], str(place)
    assert len(sent) >= LEAST
    # None of it did what it tried: all that was there still is.
    for operation in READS:
        assert attacker.browser.api("GET", ask_of(operation).target).status_code == 200, (
            operation.id
        )


@pytest.mark.holds(35, 49, 72)
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_id_whatever_it_is_makes_an_undeclared_call(
    attacker: Attacker, data: st.DataObject
) -> None:
    """For any text or bytes in any one place of an id the calls stay within the declared ones."""
    attacker.world.sandbox.calls.clear()
    place = data.draw(st.sampled_from(PLACES))
    attacker.ask(place, data.draw(TEXTS if place.where is None else SPELT))
    assert undeclared_calls(attacker.world) == []
