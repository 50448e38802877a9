"""Declarations: an operation that forgets or contradicts something does not come into being."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from app.catalogue.address import Evidence
from app.catalogue.composed import Composed, Live
from app.catalogue.keep import Keep
from app.catalogue.operation import (
    ListOf,
    Local,
    Operation,
    Read,
    Recall,
    Rule,
    Share,
    Upstream,
    Write,
)
from app.catalogue.operations import BUILT_IN
from app.catalogue.shapes import (
    EXTERNAL_ID,
    OBJECT_ID,
    AdAccountId,
    Answer,
    CampaignId,
    ConnectionId,
    Draft,
    TeamId,
)


class Thing(Answer):
    id: str


class ThingDraft(Draft):
    id: str


def tags(_self: Any, _known: Any) -> set[str]:
    return set()


def about(_self: Any) -> tuple[str, str]:
    return "", ""


TEAM = Upstream(13, "GET /team/{teamId}", Evidence.INFERRED)
SHARED = {
    "__module__": __name__,
    "__qualname__": "Odd",
    "__doc__": "Do something.",
    "access": (Rule.TEAM,),
    "__annotations__": {"team_id": TeamId},
}
READ = MappingProxyType(
    SHARED
    | {
        "route": "GET /odd/{teamId}",
        "upstream": TEAM,
        "keep": Keep(1, 2),
        "share": Share.USER,
        "tags": tags,
    }
)
WRITE = MappingProxyType(
    SHARED | {"route": "POST /odd/{teamId}", "upstream": TEAM, "status": 200, "drops": tags}
)
RECALL = MappingProxyType(SHARED | {"route": "GET /odd/{teamId}", "upstream": None, "about": about})


def nothing(_self: Any, *_: Any) -> dict[str, Any]:
    return {}


COMPOSED = MappingProxyType(
    SHARED | {"route": "GET /odd/{teamId}", "upstream": None, "reads": nothing, "compose": nothing}
)
LIVE = MappingProxyType(COMPOSED | {"events": Thing, "scope": nothing, "update": nothing})


def declare(base: Any, namespace: Any, *without: str, **changes: Any) -> type[Operation[Any]]:
    """A class named Odd, as its source would make it."""
    kept = {name: value for name, value in namespace.items() if name not in without} | changes
    made: type[Operation[Any]] = type(base)("Odd", (base,), kept)
    return made


def fields(**more: Any) -> dict[str, Any]:
    return {"__annotations__": {"team_id": TeamId} | more}


@pytest.mark.parametrize(
    ("base", "namespace"),
    [
        (Read[Thing], READ),
        (ListOf[Thing], READ),
        (Write[Thing], WRITE),
        (Recall[Thing], RECALL),
        (Composed[Thing], COMPOSED),
        (Live[Thing], LIVE),
    ],
)
def test_a_complete_declaration_is_made(base: Any, namespace: Any) -> None:
    """The declarations that the other tests spoil are sound in themselves."""
    odd = declare(base, namespace)
    assert odd.id == "odd"
    assert odd.method == namespace["route"].split()[0]


@pytest.mark.holds(55)
@pytest.mark.parametrize(
    ("base", "namespace", "forgotten"),
    [
        *(
            (Read[Thing], READ, name)
            for name in ("route", "upstream", "access", "keep", "share", "tags")
        ),
        *(
            (ListOf[Thing], READ, name)
            for name in ("route", "upstream", "access", "keep", "share", "tags")
        ),
        *(
            (Write[Thing], WRITE, name)
            for name in ("route", "upstream", "access", "status", "drops")
        ),
        *((Recall[Thing], RECALL, name) for name in ("route", "upstream", "access", "about")),
        *(
            (Composed[Thing], COMPOSED, name)
            for name in ("route", "upstream", "access", "reads", "compose")
        ),
        *(
            (Live[Thing], LIVE, name)
            for name in (
                "route",
                "upstream",
                "access",
                "reads",
                "compose",
                "events",
                "scope",
                "update",
            )
        ),
    ],
)
def test_a_forgotten_policy_does_not_import(base: Any, namespace: Any, forgotten: str) -> None:
    """A class that forgets one of its policies is a TypeError that names the class and the policy."""
    with pytest.raises(TypeError, match=rf"^Odd declares no `{forgotten}`"):
        declare(base, namespace, forgotten)


@pytest.mark.holds(55)
@pytest.mark.parametrize("access", [(), ("team",), "team", Rule.TEAM, (Rule.TEAM, "teamAdmin")])
def test_access_is_a_list_of_rules(access: Any) -> None:
    """No rule at all, or something that is no rule, does not pass for an access policy."""
    with pytest.raises(TypeError, match=r"^Odd declares no `access`"):
        declare(Read[Thing], READ, access=access)


@pytest.mark.holds(55)
def test_an_operation_says_what_it_is_for() -> None:
    """Without a docstring there is no operation."""
    with pytest.raises(TypeError, match=r"^Odd has no docstring"):
        declare(Read[Thing], READ, "__doc__")


@pytest.mark.holds(46, 55)
@pytest.mark.parametrize("rule", [r for r in Rule if r.looks_at - {"team_id"}])
def test_a_rule_has_what_it_looks_at(rule: Rule) -> None:
    """A rule whose field the operation does not have does not import."""
    nothing: dict[str, Any] = {"route": "POST /odd", "access": (rule,), "__annotations__": {}}
    with pytest.raises(TypeError, match=r"^Odd has the rule .* and no field"):
        declare(Write[Thing], WRITE, **nothing)


@pytest.mark.holds(55)
@pytest.mark.parametrize("rule", [r for r in Rule if r.builds_on])
def test_a_rule_stands_on_the_one_that_it_builds_on(rule: Rule) -> None:
    """E.g. `the account is the team's` decides nothing unless the caller is in that team."""
    everything = fields(
        ad_account_id=AdAccountId,
        connection_id=ConnectionId,
        campaign_id=CampaignId,
        external_user_id=str,
    )
    with pytest.raises(TypeError, match=r"^Odd has the rule .* without one of"):
        declare(Write[Thing], WRITE, access=(rule, Rule.TEAM), **everything)


@pytest.mark.holds(45, 46, 48)
@pytest.mark.parametrize(
    ("field", "kind"),
    [("ad_account_id", AdAccountId), ("connection_id", ConnectionId), ("campaign_id", CampaignId)],
)
def test_an_object_that_is_named_has_a_rule(field: str, kind: Any) -> None:
    """A parameter that names somebody's object does not import without a rule that judges it."""
    with pytest.raises(TypeError, match=rf"^Odd has the field {field} and none of the rules"):
        declare(Read[Thing], READ, **fields(**{field: kind}))


@pytest.mark.holds(47)
def test_what_a_rule_looks_at_is_required() -> None:
    """An id that access is decided on cannot be left out, whatever the platform allows."""
    optional = fields(ad_account_id=AdAccountId) | {"ad_account_id": None}
    with pytest.raises(TypeError, match=r"on the field ad_account_id, which may be left out$"):
        declare(Read[Thing], READ, access=(Rule.ACCOUNT_READ,), **optional)


@pytest.mark.holds(45)
def test_a_team_that_is_named_has_a_rule() -> None:
    """An operation below a team that does not ask for membership does not import."""
    with pytest.raises(TypeError, match=r"^Odd has the field team_id and none of the rules"):
        declare(Read[Thing], READ, access=(Rule.USER,))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"route": "FETCH /odd/{teamId}"}, "a route that is not like"),
        ({"route": "GET odd/{teamId}"}, "a route that is not like"),
        ({"route": "GET /odd/{teamId}/{otherId}"}, r"no field for \['otherId'\]"),
        ({"route": "POST /odd/{teamId}"}, "answers a GET"),
        ({"status": 204}, "status 204"),
        ({"upstream": Upstream(13, "GET /x/{other}", Evidence.INFERRED)}, "other is not among"),
        ({"upstream": Upstream(13, "nonsense", Evidence.INFERRED)}, "upstream address"),
    ],
)
def test_a_contradiction_does_not_import(changes: dict[str, Any], sentence: str) -> None:
    """Route, status and upstream address fit the fields, and each other, or there is no class."""
    with pytest.raises(TypeError, match=rf"^Odd .*{sentence}"):
        declare(Read[Thing], READ, **changes)


@pytest.mark.holds(23)
def test_a_write_is_never_a_get() -> None:
    """What changes something cannot be declared as a safe method."""
    with pytest.raises(TypeError, match=r"^Odd answers a GET"):
        declare(Write[Thing], WRITE, route="GET /odd/{teamId}")


def test_a_body_is_a_model() -> None:
    """A body that is not a model has no fields to be strict about."""
    with pytest.raises(TypeError, match=r"^Odd has a body that is no model"):
        declare(Write[Thing], WRITE, **fields(body=dict[str, str]))
    assert declare(Write[Thing], WRITE, **fields(body=ThingDraft)).body_model is ThingDraft


def test_an_answer_is_declared() -> None:
    """A class that does not say what it answers does not import."""
    with pytest.raises(TypeError, match=r"^Odd does not say what it answers"):
        declare(Operation, READ, "keep", "share", "tags", status=200)


def test_what_stays_here_needs_no_judge() -> None:
    """A parameter that only picks from our own answer cannot reach a foreign object."""
    from_ours = next(op for op in BUILT_IN.operations if op.id == "listCampaigns")
    assert Local() in from_ours.model_fields["campaign_id"].metadata


def test_patterns_do_not_count_characters_of_the_whole_of_unicode() -> None:
    """Each repetition is a copy: one that counted to 2,000 took 8 MiB of every process. The length of
    a text is a bound of its own."""
    shown = json.loads((Path(__file__).parents[2] / "openapi" / "bff.json").read_text("utf-8"))
    patterns = set(_patterns(shown)) - {EXTERNAL_ID}  # which no library compiles
    assert OBJECT_ID in patterns
    assert not [one for one in patterns if re.search(r"\[\^.*\]\{\d*,?\d+\}", one)]


def _patterns(shown: Any) -> Iterator[str]:
    if isinstance(shown, dict):
        found = shown.get("pattern")
        yield from [found] if isinstance(found, str) else []
    for below in shown.values() if isinstance(shown, dict) else shown:
        if isinstance(below, dict | list):
            yield from _patterns(below)
