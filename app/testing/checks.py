"""What the gateway promises of every declared operation, as checks over HTTP.

Each takes a `Subject`, the operation and its example, and a running world in which nothing is kept
or learnt yet. `CHECKS` says which operations a check concerns.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import httpx2 as httpx

from app.caller import Caller, Via
from app.catalogue.access_rules import JUDGED_BY
from app.catalogue.address import Address
from app.catalogue.known import Account, Known
from app.catalogue.operation import Operation, Read, Rule, Write
from app.catalogue.shapes import Role
from app.catalogue.tags import Tag
from app.gateway.drift import Shape, shape_of
from app.sandbox.calls import Call
from app.testing.asks import FOREIGN, OWN, Ask, Example
from app.testing.world import API, API_KEY, Browser, World

# Of the demo world: who may do everything in Acme, who nothing there, and a MANAGER of its account.
ADMIN, STRANGER, MEMBER, VIEWER = "ana", "gwen", "cleo", "dora"
# What nobody declared: neither a parameter nor a field may have this name.
UNDECLARED = "undeclaredCanary"
# As they stand in the request target; none is an id of an object.
HOSTILE = (
    "..",
    "%2e%2e",
    "%252e%252e%252f",
    "x%3Fa%3Db%23",
    "a%2fb",
    "%5c",
    "a%00b",
    "%0d%0aX-Evil:%201",
    "acme;jsessionid=1",
    "%ef%bc%8e%ef%bc%8e",
    "%c0%ae%c0%ae",
    "a" * 257,
)
# Rules that only a role above a plain member's, or a MANAGER's right, satisfies.
ABOVE_VIEWER = frozenset({Rule.ACCOUNT_WRITE, Rule.TEAM_ADMIN, Rule.WORKSPACE_ADMIN})
OF_SOMEBODY = frozenset(Rule) - {Rule.USER, Rule.ENTERPRISE}


@dataclass(frozen=True, slots=True)
class Subject:
    """An operation with its example; `beside` are all of its module."""

    operation: type[Operation[Any]]
    example: Example
    ask: Ask
    beside: tuple[Subject, ...] = ()


Judged = Callable[[Subject, World], None]


# --- what it says ---------------------------------------------------------------------------------


def is_described(subject: Subject, running: World) -> None:
    """The OpenAPI document has it, under a tag of its own, and names no model twice."""
    document = running.browser().get("/openapi.json").json()
    described = document["paths"][API + subject.ask.route][subject.ask.method.lower()]
    assert described["operationId"] == subject.operation.id
    assert described["tags"][0] in {tag["name"] for tag in document["tags"]}
    # Two models of one name are told apart by their modules, and clients would see both renamed.
    assert [name for name in document["components"]["schemas"] if "__" in name] == []


def answers_what_is_declared(subject: Subject, running: World) -> None:
    """Its status is the declared one, and what the platform adds to its answer goes nowhere."""
    if subject.operation.upstream is not None and subject.example.answer is not None:
        more = _with_more(subject.example.answer, shape_of(subject.operation.wire_type))
        body = _enveloped(more)
        running.fault(subject.operation.id, "status", status=200, body=body, times=None)
    answer = subject.ask.send(running.sign_in(ADMIN))
    assert answer.status_code == subject.operation.status, answer.text
    assert UNDECLARED not in answer.text
    assert API_KEY not in answer.text
    if subject.operation.answer_type is not None:
        subject.operation.answer_adapter.validate_json(answer.content, by_alias=True, by_name=False)


def asks_as_the_user(subject: Subject, running: World) -> None:
    """The platform is asked at the declared address, with the key and this user's own token."""
    assert subject.operation.upstream is not None
    answer = subject.ask.send(running.sign_in(ADMIN))
    assert answer.status_code == subject.operation.status, answer.text
    calls = seen(subject, running)
    assert len(calls) == 1
    call = calls[0]
    declared = Address.parse(subject.operation.upstream.address)
    assert call.method == declared.method
    assert call.path.count("/") == (API + declared.path).count("/")
    assert (call.key, call.bearer, call.user) == ("current", "access", ADMIN)
    assert "cookie" not in call.headers
    assert API_KEY not in call.path


# --- who may --------------------------------------------------------------------------------------


def refuses_who_is_signed_out(subject: Subject, running: World) -> None:
    """Nobody is served who is not known, and nobody's browser without the header."""
    assert code(subject.ask.send(running.browser()), 401) == "unauthenticated"
    signed_in = running.sign_in(ADMIN)
    assert code(subject.ask.send(signed_in, **{"X-BFF": "0"}), 403) == "csrf"
    crossed = subject.ask.send(signed_in, **{"Sec-Fetch-Site": "cross-site"})
    assert code(crossed, 403) == "csrf"
    assert running.calls() == []


def hides_it_from_strangers(subject: Subject, running: World) -> None:
    """For a user of another workspace the objects are not there."""
    answer = subject.ask.send(running.sign_in(STRANGER))
    assert code(answer, 404) == "not-found"
    assert seen(subject, running) == []


def judges_every_id(subject: Subject, running: World) -> None:
    """An id of somebody else's is not found, be it the only one or one among own ones."""
    admin = running.sign_in(ADMIN)
    for name in _judged_names(subject):
        answer = subject.ask.about({name: FOREIGN[name]}).send(admin)
        assert answer.status_code == 404, (name, answer.text)
    assert seen(subject, running) == []


def refuses_a_lesser_role(subject: Subject, running: World) -> None:
    """A VIEWER who is a plain member changes nothing and administers nothing."""
    permission = f"/teams/{OWN['teamId']}/ad-accounts/{OWN['adAccountId']}/permissions/{VIEWER}"
    changed = running.sign_in(ADMIN).api("PATCH", permission, json={"permission": "VIEWER"})
    assert changed.status_code == 204, changed.text
    answer = subject.ask.send(running.sign_in(VIEWER))
    assert code(answer, 403) == "forbidden"
    assert seen(subject, running) == []


# --- what it is given -----------------------------------------------------------------------------


def refuses_what_is_not_declared(subject: Subject, running: World) -> None:
    """A parameter or a field that nobody declared is a fault that is named, and nothing is sent."""
    admin = running.sign_in(ADMIN)
    query = {**subject.ask.query, UNDECLARED: "1"}
    answer = admin.api(
        subject.ask.method,
        subject.ask.target.partition("?")[0],
        params=query,
        json=subject.ask.body,
    )
    assert _pointers(answer) == [f"/query/{UNDECLARED}"]
    if subject.ask.body is not None:
        body = {**subject.ask.body, UNDECLARED: 1}
        answer = admin.api(subject.ask.method, subject.ask.target, json=body)
        assert _pointers(answer) == [f"/body/{UNDECLARED}"]
    assert seen(subject, running) == []


def refuses_hostile_ids(subject: Subject, running: World) -> None:
    """Whatever stands where an id belongs, the platform is asked for nothing undeclared."""
    admin = running.sign_in(ADMIN)
    own = subject.ask.path
    for name in own:
        for hostile in HOSTILE:
            answer = raw(admin, subject.ask, own | {name: hostile})
            assert 400 <= answer.status_code < 500, (name, hostile, answer.text)
    strays = [call["path"] for call in running.calls() if ".." in unquote(call["path"])]
    assert strays == []
    assert seen(subject, running) == []


# --- how it is kept, and how it fails -------------------------------------------------------------


def keeps_its_answer_for_its_user(subject: Subject, running: World) -> None:
    """The second asking costs no call, and another user is served by a call of his own."""
    first, again = running.sign_in(ADMIN), running.sign_in(ADMIN)
    assert "fwd=miss" in subject.ask.send(first).headers["cache-status"]
    assert "hit" in subject.ask.send(again).headers["cache-status"]
    assert [call.user for call in seen(subject, running)] == [ADMIN]
    other = subject.ask.send(running.sign_in(MEMBER))
    if other.is_success:
        assert [call.user for call in seen(subject, running)] == [ADMIN, MEMBER]


def goes_with_its_account(subject: Subject, running: World) -> None:
    """After an import into the ad account, which changes all of it, the read is asked anew."""
    admin = running.sign_in(ADMIN)
    assert subject.ask.send(admin).is_success
    path = f"/teams/{OWN['teamId']}/meta/import?adAccountId={OWN['adAccountId']}"
    assert admin.api("POST", path).is_success
    assert "fwd=miss" in subject.ask.send(admin).headers["cache-status"]


def drops_what_it_changes(subject: Subject, running: World) -> None:
    """A read of the same module that bears a dropped tag is asked anew after the write."""
    admin = running.sign_in(ADMIN)
    dropped = _tags(subject)
    for read in (one for one in subject.beside if issubclass(one.operation, Read)):
        assert read.ask.send(admin).is_success
        answer = subject.ask.send(admin)
        assert answer.status_code == subject.operation.status, answer.text
        after = read.ask.send(admin).headers["cache-status"]
        assert ("fwd=miss" in after) is bool(dropped & _tags(read)), (read.operation.id, after)


def fails_as_a_problem(subject: Subject, running: World) -> None:
    """When the platform fails or talks nonsense a read says so, and a change that its end is open."""
    admin = running.sign_in(ADMIN)
    changes = issubclass(subject.operation, Write)
    for status, kind, told in (
        (500, "status", "upstream-error"),
        (200, "garbage", "upstream-invalid"),
    ):
        running.fault(subject.operation.id, kind, status=status, times=None)
        answer = subject.ask.send(admin)
        expected = {told, "outcome-unknown"} if changes else {told}
        assert code(answer, answer.status_code) in expected
        running.heal()


def _always(_subject: Subject) -> bool:
    return True


def _asks(subject: Subject) -> bool:
    return subject.operation.upstream is not None


CHECKS: Mapping[Judged, Callable[[Subject], bool]] = {
    is_described: _always,
    answers_what_is_declared: _always,
    asks_as_the_user: _asks,
    refuses_who_is_signed_out: _always,
    hides_it_from_strangers: lambda it: bool(OF_SOMEBODY & set(it.operation.access)),
    judges_every_id: lambda it: bool(_judged_names(it)),
    refuses_a_lesser_role: lambda it: bool(ABOVE_VIEWER & set(it.operation.access)),
    refuses_what_is_not_declared: _always,
    refuses_hostile_ids: lambda it: bool(it.ask.path),
    keeps_its_answer_for_its_user: lambda it: issubclass(it.operation, Read),
    goes_with_its_account: lambda it: (
        issubclass(it.operation, Read) and "adAccountId" in it.ask.path | it.ask.query
    ),
    drops_what_it_changes: lambda it: issubclass(it.operation, Write),
    fails_as_a_problem: _asks,
}


# --- used above -----------------------------------------------------------------------------------


def seen(subject: Subject, running: World) -> list[Call]:
    """What the platform saw of this operation since the check began."""
    return [call for call in running.sandbox.calls.list() if call.name == subject.operation.id]


def code(answer: httpx.Response, status: int) -> str:
    """The code of a problem with this status."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["code"])


def raw(browser: Browser, ask: Ask, encoded: dict[str, str]) -> httpx.Response:
    """The request with its target exactly as given, which the client would tidy up otherwise."""
    target = (API + ask.raw(encoded)).encode()
    return browser.request(ask.method, "/", json=ask.body, extensions={"target": target})


def _pointers(answer: httpx.Response) -> list[str]:
    assert code(answer, 422) == "invalid"
    return [fault["pointer"] for fault in answer.json()["errors"]]


def _judged_names(subject: Subject) -> list[str]:
    """The ids that the request names and that a rule of the operation has to judge."""
    named = {p.name: p.field for p in subject.operation.parameters if p.name in subject.ask.path}
    named |= {p.name: p.field for p in subject.operation.parameters if p.name in subject.ask.query}
    return [name for name, field in named.items() if field in JUDGED_BY and name in FOREIGN]


def _tags(subject: Subject) -> set[Tag]:
    """The tags of the example: those that a read bears, those that a write drops."""
    made = _made(subject)
    known = Known(
        Caller(ADMIN, Via.SESSION, by_cookie=True),
        enterprise_id=OWN["enterpriseId"],
        workspace_admin=True,
        members={MEMBER: Role.MEMBER},
        account=Account(OWN["adAccountId"], "acc-1001", None, frozenset({OWN["connectionId"]})),
    )
    return made.tags(known) if isinstance(made, Read) else made.drops(known)


def _made(subject: Subject) -> Read[Any] | Write[Any]:
    given = subject.ask.path | subject.ask.query
    values: dict[str, Any] = {
        p.field: (given[p.name],) if p.many else given[p.name]
        for p in subject.operation.parameters
        if p.name in given
    }
    if subject.operation.body_model is not None:
        text = json.dumps(subject.ask.body)
        values["body"] = subject.operation.body_model.model_validate_json(text)
    made = subject.operation.model_validate(values)
    assert isinstance(made, Read | Write)
    return made


def _enveloped(data: Any) -> str:
    """The platform's envelope round this data, for a fault to answer."""
    return json.dumps({"success": True, "data": data, "statusCode": 200})


def _with_more(data: Any, shape: Shape | None) -> Any:
    """The data with a field that nobody declared wherever fields are declared."""
    if shape is None:
        return data
    if isinstance(data, list):
        return [_with_more(item, shape) for item in data]
    if isinstance(data, dict):
        inner = {name: _with_more(value, shape.get(name)) for name, value in data.items()}
        return inner | {UNDECLARED: UNDECLARED}
    return data
