"""What the platform says is checked before anybody believes it."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from app.errors import Problem
from app.json_scan import DEEPEST, json_fault
from app.sandbox.faults import Fault
from app.testing.world import API, API_KEY, Browser, World
from app.upstream.envelope import PROBLEMS, Refusal, Refused, open_envelope
from app.upstream.exchange import Incoming

CAMPAIGNS = "/teams/team-acme-brand/meta/campaigns?adAccountId=act_1001"
INSIGHTS = (
    "/teams/team-acme-brand/meta/insights?adAccountId=act_1001"
    "&startDate=2026-01-01&endDate=2026-01-31"
)
MIB = 1024 * 1024


def envelope(data: str) -> str:
    return f'{{"success":true,"data":{data},"statusCode":200}}'


def campaign(**more: object) -> str:
    return envelope(json.dumps([{"id": "cmp_1001_1", "name": "One"} | more]))


def nested(depth: int) -> str:
    return envelope(f'[{{"id":"c","x":{"[" * depth}{"]" * depth}}}]')


# Two brackets of the envelope and of the list, one of the object, so much is left for `nested`.
ROOM = DEEPEST - 3

UNUSABLE = {
    "garbage": '{"success":true,"data":[{',
    "empty": "",
    "html in JSON's clothes": "<h1>no</h1>",
    "a list": "[]",
    "a number": "1",
    "neither": '{"success":"yes","data":[]}',
    "null success": '{"success":null,"data":[]}',
    "an error without success": '{"error":"Oops","message":"failed"}',
    "failure within success": envelope('{"success":false,"data":[]}'),
    "nothing where a list belongs": envelope("null"),
    "an object where a list belongs": envelope("{}"),
    "an item without its id": envelope('[{"name":"x"}]'),
    "an id of another type": envelope('[{"id":{"a":1}}]'),
    "NaN": envelope('[{"id":"c","dailyBudget":NaN,"daily_budget":NaN}]'),
    "Infinity": envelope('[{"id":"c","daily_budget":Infinity}]'),
    "-Infinity": envelope('[{"id":"c","daily_budget":-Infinity}]'),
    "1e400": envelope('[{"id":"c","daily_budget":1e400}]'),
    "1E+0400": envelope('[{"id":"c","daily_budget":1E+0400}]'),
    "-1e400 in an unknown field": envelope('[{"id":"c","other":-1e400}]'),
    "400 digits": envelope('[{"id":"c","daily_budget":' + "9" * 400 + "}]"),
    "300 digits e99": envelope('[{"id":"c","daily_budget":' + "9" * 300 + "e99}]"),
    "300 digits e99 in an unknown field": envelope('[{"id":"c","other":' + "9" * 300 + "e99}]"),
    "NaN as text": envelope('[{"id":"c","daily_budget":"NaN"}]'),
    "inf as text": envelope('[{"id":"c","daily_budget":"inf"}]'),
    "1e999 as text": envelope('[{"id":"c","daily_budget":"1e999"}]'),
    "a boolean as a figure": envelope('[{"id":"c","daily_budget":true}]'),
    "nested too deep": nested(ROOM + 1),
    "nested far too deep": nested(100_000),
    "deep brackets of both kinds": envelope('[{"id":"c","x":' + '{"a":[' * 40 + "]}" * 40 + "}]"),
    "lone surrogate": envelope('[{"id":"\\ud800"}]'),
    "control in a string": envelope('[{"id":"a\nb"}]'),
}


@pytest.mark.holds(40)
@pytest.mark.parametrize("body", UNUSABLE.values(), ids=UNUSABLE)
def test_an_answer_that_cannot_be_trusted_is_a_502(healed: World, ana: Browser, body: str) -> None:
    """Whatever the platform answers that is not what it should be, the reader gets a problem."""
    healed.fault("getCampaigns", "status", status=200, body=body, times=None)
    answer = ana.api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")


@pytest.mark.holds(40)
@pytest.mark.parametrize("status", [201, 202, 206, 200])
def test_a_usable_answer_is_used_whatever_its_2xx(healed: World, ana: Browser, status: int) -> None:
    """The limits are no tighter than they say: strings may hold what looks forbidden."""
    name = "NaN Infinity 1e400 " + "[{" * 200 + '"\\' + "9" * 400
    body = campaign(name=name, daily_budget="12.5")
    healed.fault("getCampaigns", "status", status=status, body=body)
    (item,) = ana.read(CAMPAIGNS)["items"]
    assert (item["name"], item["dailyBudget"]) == (name, 12.5)


@pytest.mark.holds(40)
def test_nesting_up_to_the_limit_is_read(healed: World, ana: Browser) -> None:
    """An answer as deep as allowed is still an answer."""
    healed.fault("getCampaigns", "status", status=200, body=nested(ROOM))
    assert [item["id"] for item in ana.read(CAMPAIGNS)["items"]] == ["c"]


@pytest.mark.holds(40)
def test_of_equal_keys_the_last_wins(healed: World, ana: Browser) -> None:
    """A repeated key has one meaning, the same for everyone who looks."""
    body = envelope('[{"id":"first","name":"a","id":"last"}]')
    healed.fault("getCampaigns", "status", status=200, body=body)
    assert [item["id"] for item in ana.read(CAMPAIGNS)["items"]] == ["last"]


@pytest.mark.holds(40)
@pytest.mark.parametrize(("size", "status"), [(8 * MIB, 200), (8 * MIB + 1, 502)])
def test_an_answer_has_at_most_8_mib(healed: World, ana: Browser, size: int, status: int) -> None:
    """The limit is exact: one byte more is refused."""
    body = campaign(other="")
    body = body.replace('"other": ""', '"other": "' + "x" * (size - len(body)) + '"')
    assert len(body) == size
    fault = Fault("status", operation=33, status=200, body=body)
    healed.sandbox.faults.add(fault)
    answer = ana.api("GET", CAMPAIGNS)
    assert answer.status_code == status
    if status == 502:
        assert answer.json()["code"] == "upstream-invalid"


@pytest.mark.holds(40)
def test_another_content_type_is_a_502(healed: World, ana: Browser) -> None:
    """A page of something in between is not taken for data."""
    healed.fault("getCampaigns", "content-type", body=campaign(), times=None)
    answer = ana.api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")


@pytest.mark.holds(38)
@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
@pytest.mark.parametrize(
    ("method", "operation"), [("GET", "getCampaigns"), ("PATCH", "updateTeamName")]
)
def test_a_redirect_is_neither_followed_nor_relayed(
    healed: World, ana: Browser, method: str, operation: str, status: int
) -> None:
    """A platform that redirects is answered with a problem, on reads and on writes."""
    healed.fault(operation, "status", status=status, body="{}")
    if method == "GET":
        answer = ana.api("GET", CAMPAIGNS)
    else:
        answer = ana.api("PATCH", "/teams/team-acme-brand", json={"name": "Acme Brand"})
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream-invalid")
    assert "location" not in answer.headers
    assert len(healed.calls(operation)) == 1


# --- refusals -----------------------------------------------------------------------------------


def failure(code: str, message: str = "It says so") -> str:
    return json.dumps({"success": False, "error": {"code": code, "message": message}})


EXPECTED = {
    Refusal.BAD_REQUEST: (422, "invalid"),
    Refusal.UNAUTHORIZED: (502, "upstream-credentials"),
    Refusal.FORBIDDEN: (403, "forbidden"),
    Refusal.NOT_FOUND: (404, "not-found"),
    Refusal.CONFLICT: (409, "conflict"),
    Refusal.TOO_MANY_REQUESTS: (503, "upstream-unavailable"),
    Refusal.INTERNAL_ERROR: (502, "upstream-error"),
}
UNKNOWN = ("TEAPOT", "", "forbidden", "__class__", "BAD_REQUEST ", "PAYMENT_REQUIRED")


@pytest.mark.holds(68)
def test_every_code_of_the_platform_has_a_problem_of_ours() -> None:
    """The mapping is total, and each maps to a problem with a status and a code."""
    assert set(PROBLEMS) == set(Refusal) == set(EXPECTED)
    for code in Refusal:
        problem = Refused(code, "x").problem()
        assert isinstance(problem, Problem)
        assert (problem.status, problem.code) == EXPECTED[code]


@pytest.mark.holds(68, 69)
@pytest.mark.parametrize("status", [200, 201, 400, 418])
@pytest.mark.parametrize("code", [*Refusal, *UNKNOWN])
def test_the_platforms_codes_become_ours(
    healed: World, ana: Browser, code: str, status: int
) -> None:
    """success:false is an error at any status; its code decides, and an unknown one is a 502."""
    by_status = {400: (422, "invalid")}.get(status, (502, "upstream-error"))
    expected = EXPECTED[Refusal(code)] if code in set(Refusal) else by_status
    healed.fault("getCampaigns", "status", status=status, body=failure(code), times=None)
    answer = ana.api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == expected
    assert "It says so" not in answer.text
    document = ana.get("/openapi.json").json()
    described = document["paths"][f"{API}/teams/{{teamId}}/meta/campaigns"]["get"]["responses"]
    assert str(answer.status_code) in described


@pytest.mark.holds(68)
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, (422, "invalid")),
        (401, (502, "upstream-credentials")),
        (402, (502, "upstream-error")),
        (403, (403, "forbidden")),
        (404, (404, "not-found")),
        (405, (502, "upstream-error")),
        (408, (502, "upstream-error")),
        (409, (409, "conflict")),
        (410, (502, "upstream-error")),
        (422, (422, "invalid")),
        (429, (503, "upstream-unavailable")),
        (451, (502, "upstream-error")),
        (500, (502, "upstream-error")),
        (503, (502, "upstream-error")),
        (599, (502, "upstream-error")),
    ],
)
@pytest.mark.parametrize("body", ["", "<html>", '{"message":"no","error":"Nope"}', "[1e999]"])
def test_an_error_without_a_code_is_judged_by_its_status(
    healed: World, ana: Browser, body: str, status: int, expected: tuple[int, str]
) -> None:
    """Whatever stands in an error's body, even nothing readable, its status still counts."""
    healed.fault("getCampaigns", "status", status=status, body=body, times=None)
    answer = ana.api("GET", CAMPAIGNS)
    assert (answer.status_code, answer.json()["code"]) == expected


@pytest.mark.holds(68)
@pytest.mark.parametrize(
    ("given", "passed_on"), [("7", "7"), ("100000", "120"), ("soon", None), ("-1", None)]
)
def test_retry_after_is_passed_on_within_bounds(
    healed: World, ana: Browser, given: str, passed_on: str | None
) -> None:
    """A platform that asks for a pause is obeyed, but not for ever."""
    healed.fault("getCampaigns", "rate-limit", retryAfter=given, times=None)
    answer = ana.api("GET", CAMPAIGNS)
    assert answer.status_code == 503
    assert answer.headers.get("retry-after") == passed_on
    healed.advance(121)  # nobody is held up by that any more


@pytest.mark.holds(69, 89)
def test_a_write_answered_with_an_unknown_failure_has_an_unknown_outcome(
    healed: World, ana: Browser
) -> None:
    """success:false without a reason after a change was sent does not say that it failed."""
    healed.fault("updateTeamName", "unsuccessful", afterEffect=True)
    answer = ana.api("PATCH", "/teams/team-acme-brand", json={"name": "Acme Brand"})
    assert (answer.status_code, answer.json()["code"]) == (504, "outcome-unknown")


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, '{"success":true,"message":"Done"}'), (200, '{"success":true}'), (200, "{}")],
)
def test_a_void_answer_needs_no_data(healed: World, ana: Browser, status: int, body: str) -> None:
    """A change that answers nothing is done when the platform says success, with data or without."""
    healed.fault("changeAdAccount", "status", status=status, body=body)
    path = "/teams/team-acme-brand/ad-accounts/act_1001/permissions/cleo"
    answer = ana.api("PATCH", path, json={"permission": "MANAGER"})
    assert answer.status_code == 204
    assert answer.content == b""


def test_no_content_is_a_success() -> None:
    """204 has no envelope to open."""
    assert open_envelope(Incoming(204, {}, b"")) is None


@pytest.mark.holds(27)
@pytest.mark.parametrize("secret", [API_KEY, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2ln"])
def test_a_credential_that_the_platform_repeats_goes_no_further(
    healed: World, ana: Browser, secret: str
) -> None:
    """Words of the platform that quote a key or a token reach neither an answer nor the log."""
    body = failure("BAD_REQUEST", f"Invalid credential {secret}, or '{secret}'")
    for operation in ("getCampaigns", "assignMembers"):
        healed.fault(operation, "status", status=400, body=body, times=None)
    read = ana.api("GET", CAMPAIGNS)
    written = ana.api(
        "POST",
        "/teams/team-acme-brand/members",
        json={"members": [{"externalUserId": "hugo", "role": "MEMBER"}]},
    )
    assert written.json()["failed"][0]["reason"].startswith("Invalid credential …")
    assert secret not in f"{read.text} {written.text} {healed.log.getvalue()}"
    assert "Invalid credential …" in healed.log.getvalue()


# --- trimming -----------------------------------------------------------------------------------


@pytest.mark.holds(59)
def test_undeclared_fields_are_dropped_at_every_depth_and_counted(
    healed: World, ana: Browser
) -> None:
    """What nobody declared does not come through, however deep; the log names it once."""
    row: dict[str, Any] = {
        "campaign_id": "cmp_1001_1",
        "impressions": "12",
        "spend": 3.5,
        "gender": "female",
        "hiddenTop": 1,
        "actions": [{"action_type": "purchase", "value": "2", "hiddenDeep": {"x": 1}}],
        "date_start": "2026-01-01",
        "CUSTOMER ssn 123456": "x",
    }
    healed.fault("getInsights", "status", status=200, body=envelope(json.dumps([row, row])))
    (item, _) = ana.read(INSIGHTS)["items"]
    assert item["actions"] == [{"actionType": "purchase", "value": 2.0}]
    assert item["breakdown"] == {"name": "gender", "value": "female"}
    assert set(item) == {
        "campaignId", "campaignName", "adSetId", "adSetName", "adId", "adName", "dateStart",
        "dateStop", "breakdown", "impressions", "clicks", "spend", "cpm", "cpc", "reach",
        "frequency", "ctr", "actions", "actionValues",
    }  # fmt: skip
    assert (item["impressions"], item["clicks"], item["cpc"]) == (12, None, None)
    lines = [json.loads(line) for line in healed.log.getvalue().splitlines()]
    told = [line["path"] for line in lines if line["event"] == "drift"]
    assert [path for path in told if "idden" in path] == ["hiddenTop", "actions.hiddenDeep"]
    assert "…" in told
    assert "123456" not in healed.log.getvalue()


@pytest.mark.holds(59)
def test_nested_records_are_trimmed_too(healed: World, ana: Browser) -> None:
    """A team's members come with their declared fields only, and the platform's extras stay."""
    team = ana.read("/teams/team-acme-brand")
    assert set(team["members"][0]) == {"id", "externalUserId", "role", "createdAt", "updatedAt"}
    connections = ana.read("/teams/team-acme-brand/connections")["items"]
    assert set(connections[0]) == {"id", "platform", "adAccounts"}
    assert set(connections[0]["adAccounts"][0]) == {"adAccountId", "name"}


# --- the scan -----------------------------------------------------------------------------------


@pytest.mark.holds(40, 61)
@pytest.mark.parametrize(
    "body",
    [
        b'NaN"' + b'\\"' * 1_000_000,
        b'NaN"' + b'\\"' * 1_000_000 + b"\\",
        b"[" * 65 + b'"' + b'\\"' * 1_000_000,
        b"[" * 2_000_000,
        b'"' * 2_000_000,
        b"e0" * 1_000_000,
        (b"1" * 199 + b" ") * 10_000,
        b"1" * 2_000_000,
    ],
    ids=lambda body: body[:12].decode(),
)
def test_the_scan_is_linear(body: bytes) -> None:
    """No body makes the scan go back over what it has read: 2 MB take well under a second."""
    started = time.perf_counter()
    json_fault(body)
    assert time.perf_counter() - started < 1.0


@pytest.mark.holds(40)
@pytest.mark.parametrize(
    "body",
    [
        b'{"a":"NaN"}',
        b'{"a":"\\"NaN"}',
        b'{"a":1e99,"b":-1E-400,"c":1e-05,"d":0.00001}',
        b"[]" * 90,
    ],
)
def test_the_scan_lets_harmless_bodies_pass(body: bytes) -> None:
    """Words in strings, small exponents and many flat lists are no fault."""
    assert json_fault(body) is None
