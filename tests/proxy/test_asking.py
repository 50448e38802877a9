"""What a request may be: verbs, media types, sizes, parameters and bodies, each refused by name."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from app.catalogue.operation import Operation
from app.clock import today
from app.testing.world import API, Browser, World
from tests.proxy.asks import OPERATIONS, READS, ask_of, on_wire
from tests.proxy.wire import request_bytes, send_raw

TEAM = "/teams/team-acme-brand"
CAMPAIGNS = f"{TEAM}/meta/campaigns?adAccountId=act_1001"
INSIGHTS = f"{TEAM}/meta/insights?adAccountId=act_1001"
MEMBERS = f"{TEAM}/members"
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
WITH_BODY = tuple(operation for operation in OPERATIONS if operation.body_model is not None)
ROUTES = sorted({operation.path for operation in OPERATIONS})


def refusal(answer: Any) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


# --- verbs --------------------------------------------------------------------------------------


def answers(template: str, route: str) -> bool:
    """Whether requests to the route also fit the template: `traffic` can be a campaign's id."""
    pattern = re.sub(r"\{\w+\}", "[^/]+", template)
    return re.fullmatch(pattern, route) is not None


@pytest.mark.holds(37)
@pytest.mark.parametrize("route", ROUTES)
def test_other_verbs_are_405_with_all_that_is_allowed(
    healed: World, ana: Browser, route: str
) -> None:
    """A path answers 405 to every verb it does not have and lists those that it has."""
    here = [operation for operation in OPERATIONS if answers(operation.path, route)]
    allowed = {operation.method for operation in here}
    allowed |= {"HEAD"} if "GET" in allowed else set()
    named = next(operation for operation in here if operation.path == route)
    target = API + ask_of(named).target
    for verb in set(VERBS) - allowed:
        raw = request_bytes(target.encode(), method=verb.encode(), cookie=ana.session_cookie)
        answer = send_raw(healed.origin, raw)
        assert answer is not None
        assert answer.status == 405, verb
        assert verb == "HEAD" or answer.code == "method-not-allowed"
        assert {name.strip() for name in dict(answer.headers)["allow"].split(",")} == allowed
    assert healed.calls() == []


@pytest.mark.holds(37)
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/auth/session", "/auth/login"])
def test_ordinary_routes_name_their_verbs_too(shared_world: World, path: str) -> None:
    """Routes beside the declared ones answer 405 in the same way."""
    answer = shared_world.browser().delete(path)
    assert refusal(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("operation", READS, ids=lambda operation: operation.id)
def test_head_is_get_without_its_content(
    healed: World, ana: Browser, operation: type[Operation[Any]]
) -> None:
    """HEAD works wherever GET does: the same status and headers, and no content."""
    # What another test left may be stale, or a write of it whose end nobody saw may let nothing be kept:
    # then each of them gets a newer answer.
    healed.advance(healed.parts.settings.upstream.write_deadline + 1)
    healed.parts.cache.store.clear()
    target = ask_of(operation).target
    before, head, after = (ana.api(method, target) for method in ("GET", "HEAD", "GET"))
    assert before.status_code == head.status_code == 200, before.text
    assert head.content == b""
    changing = {"x-request-id", "date", "age", "cache-status"}
    # A fetch that an earlier test left under way may land between two of them.
    got = [_without(answer.headers, changing) for answer in (before, after)]
    assert _without(head.headers, changing) in got


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/auth/session", "/nowhere", f"{API}{TEAM}x"]
)
def test_head_works_beside_the_declared_routes(ana: Browser, path: str) -> None:
    """Health, session and errors answer HEAD like GET as well."""
    got, head = ana.get(path), ana.head(path)
    assert got.status_code == head.status_code
    assert head.content == b""
    # Seconds left and request ids may make the content a byte longer or shorter.
    assert abs(int(head.headers["content-length"]) - int(got.headers["content-length"])) < 3


def _without(headers: Any, names: set[str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


@pytest.mark.holds(67)
@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/api", "/api/v1", "/api/v2/teams", f"{API}/", f"{API}/teams", f"{API}{TEAM}/",
     f"{API}//teams", f"{API}{TEAM}/members/x/y", "/auth", "/auth/nowhere", "/.env", "/healthz/"],
)  # fmt: skip
def test_an_unknown_path_is_a_404_problem(shared_world: World, ana: Browser, path: str) -> None:
    """No path falls through to a page, a redirect or a framework's own error."""
    for browser in (ana, shared_world.browser()):
        assert refusal(browser.get(path)) == (404, "not-found")


# --- media types and sizes ----------------------------------------------------------------------


@pytest.mark.holds(26)
@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)
@pytest.mark.parametrize(
    "content_type",
    [None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
     "application/json; charset=utf-16", "application/jsonx", "application/json, text/plain",
     "application/problem+json", "json"],
)  # fmt: skip
def test_only_json_bodies_are_read(
    healed: World, ana: Browser, operation: type[Operation[Any]], content_type: str | None
) -> None:
    """A body of another media type, or of none, is 415 and changes nothing."""
    ask = ask_of(operation)
    headers = {} if content_type is None else {"content-type": content_type}
    answer = ana.api(ask.method, ask.target, content=json.dumps(ask.body), headers=headers)
    assert refusal(answer) == (415, "unsupported-media-type")
    assert healed.sandbox.calls.list() == []


@pytest.mark.holds(26)
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "Application/JSON", 'application/json; charset="utf-8"',
     "application/json;charset=UTF-8"],
)  # fmt: skip
def test_json_may_name_its_charset(ana: Browser, content_type: str) -> None:
    """The one media type is understood however it is written."""
    headers = {"content-type": content_type}
    answer = ana.api("PATCH", TEAM, content=b'{"name":"Acme Brand"}', headers=headers)
    assert answer.status_code == 200


@pytest.mark.holds(26)
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "identity, gzip"])
def test_a_packed_body_is_415(ana: Browser, encoding: str) -> None:
    """Nothing is unpacked: a body with a content encoding is refused."""
    headers = {"content-type": "application/json", "content-encoding": encoding}
    answer = ana.api("PATCH", TEAM, content=b'{"name":"x"}', headers=headers)
    assert refusal(answer) == (415, "unsupported-media-type")


@pytest.mark.holds(26)
@pytest.mark.parametrize(
    ("accept", "works"),
    [
        ("application/json", True),
        ("*/*", True),
        ("application/*;q=0.1", True),
        ("text/html, application/xhtml+xml, */*;q=0.8", True),
        ("APPLICATION/JSON; charset=utf-8", True),
        ("application/json;q=0.5, text/html", True),
        ("", True),
        ("text/html", False),
        ("application/xml, image/*", False),
        ("application/json;q=0", False),
        ("application/json;q=0.000, text/html", False),
        ("application/json;q=0, */*", False),
        ("*/*;q=0, text/html", False),
        ("application/problem+json", False),
    ],
)
def test_accept_is_obeyed(ana: Browser, accept: str, *, works: bool) -> None:
    """Who does not take JSON gets 406; the most exact range decides."""
    answer = ana.api("GET", TEAM, headers={"accept": accept})
    if works:
        assert answer.status_code == 200
    else:
        assert refusal(answer) == (406, "not-acceptable")


@pytest.mark.holds(61)
@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_body_beyond_the_limit_is_413(
    healed: World, ana: Browser, operation: type[Operation[Any]], *, chunked: bool
) -> None:
    """More than 256 KiB are refused, whether announced or not, and nothing is asked upstream."""
    ask = ask_of(operation)
    body = b'{"name":"' + b"x" * 256 * 1024 + b'"}'
    answer = ana.api(
        ask.method,
        ask.target,
        content=iter([body[:1000], body[1000:]]) if chunked else body,
        headers={"content-type": "application/json"},
    )
    assert refusal(answer) == (413, "too-large")
    assert healed.sandbox.calls.list() == []


@pytest.mark.holds(61)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=1&" + "a" * 9000, (413, "too-large")),
        ("&".join(f"p{n}=1" for n in range(400)), (413, "too-large")),
        ("&".join(["adAccountId=act_1001", *["campaignId=c"] * 101]), (422, "invalid")),
        ("&".join(["adAccountId=act_1001", *["fields=name"] * 21]), (422, "invalid")),
        ("adAccountId=act_1001&fields=secrets", (422, "invalid")),
        ("adAccountId=" + "a" * 129, (422, "invalid")),
    ],
    ids=["long", "many", "filter ids", "fields", "unknown field", "long id"],
)
def test_queries_have_bounds(ana: Browser, query: str, expected: tuple[int, str]) -> None:
    """Length, number of parameters, list lengths and closed lists are checked."""
    assert refusal(ana.api("GET", f"{TEAM}/meta/campaigns?{query}")) == expected


@pytest.mark.holds(61)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_too_long_a_query_is_told_and_described(
    ana: Browser, operation: type[Operation[Any]]
) -> None:
    """Every operation refuses it with 413, and the document says that it may."""
    ask = ask_of(operation)
    answer = ana.api(ask.method, f"{ask.target.partition('?')[0]}?{'a' * 9000}", json=ask.body)
    assert refusal(answer) == (413, "too-large")
    path = ana.get("/openapi.json").json()["paths"][API + operation.path]
    assert "413" in path[operation.method.lower()]["responses"]


# --- parameters and fields ----------------------------------------------------------------------


@pytest.mark.holds(60)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_an_undeclared_parameter_or_field_is_422(
    healed: World, ana: Browser, operation: type[Operation[Any]]
) -> None:
    """What an operation does not declare is refused by every one of them, and named."""
    ask = ask_of(operation)
    join = "&" if "?" in ask.target else "?"
    answer = ana.api(ask.method, f"{ask.target}{join}externalUser=1", json=ask.body)
    assert refusal(answer) == (422, "invalid")
    assert pointers(answer) == ["/query/externalUser"]
    if ask.body is not None:
        answer = ana.api(ask.method, ask.target, json=ask.body | {"isAdmin": True})
        assert refusal(answer) == (422, "invalid")
        assert pointers(answer) == ["/body/isAdmin"]
    assert healed.sandbox.calls.list() == []


@pytest.mark.holds(61)
@pytest.mark.parametrize(
    ("text", "status"), [("%20", 422), ("%0A", 400), ("a%07b", 400), ("%20a%20b%20", 200)]
)
def test_the_text_of_a_search_is_described(ana: Browser, text: str, status: int) -> None:
    """What is no text to search for is refused, and the document's pattern says so as well."""
    answer = ana.api("GET", f"{TEAM}/meta/targeting?type=interest&query={text}")
    assert answer.status_code == status
    described = ana.get("/openapi.json").json()["paths"][f"{API}/teams/{{teamId}}/meta/targeting"]
    (query,) = (p for p in described["get"]["parameters"] if p["name"] == "query")
    assert bool(re.search(query["schema"]["pattern"], unquote(text))) is (status == 200)


@pytest.mark.holds(49)
@pytest.mark.parametrize(
    "query",
    ["adAccountId=act_1001&adAccountId=act_1001", "adAccountId=act_1001&adAccountId=act_2001",
     "adAccountId=act_1001&%61dAccountId=act_2001", "adAccountId=act_1001&limit=1&limit=2"],
)  # fmt: skip
def test_a_scalar_given_twice_is_400(healed: World, ana: Browser, query: str) -> None:
    """A parameter that has one value may be given once, under any spelling."""
    assert refusal(ana.api("GET", f"{TEAM}/meta/campaigns?{query}")) == (400, "malformed")
    assert healed.sandbox.calls.list() == []


BODIES: dict[str, tuple[bytes, int, list[str] | None]] = {
    "no JSON": (b"{", 400, None),
    "empty": (b"", 400, None),
    "invalid UTF-8": (b'{"members":[{"externalUserId":"\xff","role":"MEMBER"}]}', 400, None),
    "byte order mark": (b'\xef\xbb\xbf{"members":[]}', 400, None),
    "lone surrogate": (b'{"members":[{"externalUserId":"\\ud800","role":"MEMBER"}]}', 400, None),
    "NaN": (b'{"members":NaN}', 400, None),
    "1e400": (b'{"members":1e400}', 400, None),
    "nested too deep": (b'{"members":' + b"[" * 65 + b"]" * 65 + b"}", 400, None),
    "NUL in a string": (
        b'{"members":[{"externalUserId":"a\\u0000","role":"MEMBER"}]}', 422,
        ["/body/members/0/externalUserId"],
    ),
    "CR LF in a string": (
        b'{"members":[{"externalUserId":"a\\r\\nb","role":"MEMBER"}]}', 422,
        ["/body/members/0/externalUserId"],
    ),
    "a list": (b"[]", 422, ["/body"]),
    "a string": (b'"x"', 422, ["/body"]),
    "null": (b"null", 422, ["/body"]),
    "missing": (b"{}", 422, ["/body/members"]),
    "none": (b'{"members":[]}', 422, ["/body/members"]),
    "not a list": (b'{"members":{"0":1}}', 422, ["/body/members"]),
    "a number as a string": (
        b'{"members":[{"externalUserId":5,"role":"MEMBER"}]}', 422,
        ["/body/members/0/externalUserId"],
    ),
    "a boolean as a string": (
        b'{"members":[{"externalUserId":true,"role":"MEMBER"}]}', 422,
        ["/body/members/0/externalUserId"],
    ),
    "a role in small letters": (
        b'{"members":[{"externalUserId":"hugo","role":"member"}]}', 422, ["/body/members/0/role"],
    ),
    "the platform's own names": (
        b'{"members":[{"external_user_id":"hugo","role":"MEMBER"}]}', 422,
        ["/body/members/0/externalUserId", "/body/members/0/external_user_id"],
    ),
    "undeclared and deep": (
        b'{"members":[{"externalUserId":"hugo","role":"MEMBER","a b":{"x":1}}]}', 422,
        ["/body/members/0/…"],
    ),
}  # fmt: skip


@pytest.mark.holds(49, 60, 61, 62, 72)
@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_not_what_it_should_be_is_refused_by_field(
    healed: World, ana: Browser, case: str
) -> None:
    """Unreadable bodies are 400; readable ones with faults are 422, each fault with a pointer."""
    body, status, expected = BODIES[case]
    headers = {"content-type": "application/json"}
    answer = ana.api("POST", MEMBERS, content=body, headers=headers)
    assert refusal(answer) == (status, "malformed" if status == 400 else "invalid")
    if expected is not None:
        assert sorted(pointers(answer)) == expected
    assert healed.sandbox.calls.list() == []


@pytest.mark.holds(61)
def test_a_body_with_very_many_faults_has_a_short_answer(ana: Browser) -> None:
    """The answer to 20,000 undeclared fields names the first hundred."""
    answer = ana.api("POST", MEMBERS, json={f"x{n}": 1 for n in range(20_000)})
    assert refusal(answer) == (422, "invalid")
    assert len(pointers(answer)) == 100


@pytest.mark.holds(61)
def test_arrays_and_strings_have_bounds(ana: Browser) -> None:
    """At most 100 members at once, and names of at most 200 characters."""
    members = [{"externalUserId": f"u{n}", "role": "MEMBER"} for n in range(101)]
    answer = ana.api("POST", MEMBERS, json={"members": members})
    assert (refusal(answer), pointers(answer)) == ((422, "invalid"), ["/body/members"])
    answer = ana.api("PATCH", TEAM, json={"name": "x" * 201})
    assert (refusal(answer), pointers(answer)) == ((422, "invalid"), ["/body/name"])


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_body_where_none_belongs_is_400(
    ana: Browser, shared_world: World, operation: type[Operation[Any]]
) -> None:
    """A read or delete with a body is refused: somebody else might act on it."""
    if operation.body_model is not None:
        return
    ask = ask_of(operation)
    headers = {"content-type": "application/json"}
    answer = ana.api(ask.method, ask.target, content=b'{"name":"x"}', headers=headers)
    assert refusal(answer) == (400, "malformed")


# --- dates --------------------------------------------------------------------------------------


@pytest.mark.holds(61, 62)
@pytest.mark.parametrize(
    ("start", "end", "faulty"),
    [
        ("2026-01-31", "2026-01-01", ["/query/startDate"]),
        ("2026-02-30", "2026-03-01", ["/query/startDate"]),
        ("2026-1-1", "2026-01-31", ["/query/startDate"]),
        ("20260101", "2026-01-31", ["/query/startDate"]),
        ("2026-01-01T00:00:00Z", "2026-01-31", ["/query/startDate"]),
        ("1767225600", "2026-01-31", ["/query/startDate"]),
        ("true", "2026-01-31", ["/query/startDate"]),
        ("", "2026-01-31", ["/query/startDate"]),
        ("２０２６-01-01", "2026-01-31", ["/query/startDate"]),
        ("2026-01-01", "2026-01-31 ", ["/query/endDate"]),
        ("0000-01-01", "2026-01-31", ["/query/startDate"]),
        ("2020-01-01", "2026-01-31", ["/query/endDate"]),
        ("2026-01-01", "9999-12-31", ["/query/endDate", "/query/endDate"]),
    ],
)
def test_dates_are_days_in_order(
    healed: World, ana: Browser, start: str, end: str, faulty: list[str]
) -> None:
    """Only real days written YYYY-MM-DD, in order, not ahead and not too far apart."""
    path = f"{TEAM}/meta/insights"
    query = {"adAccountId": "act_1001", "startDate": start, "endDate": end}
    answer = ana.api("GET", path, params=query)
    assert (refusal(answer), pointers(answer)) == ((422, "invalid"), faulty)
    assert healed.sandbox.calls.list() == []


@pytest.mark.holds(61, 62)
@pytest.mark.parametrize(
    ("back", "ahead", "works"),
    [(0, 0, True), (0, 1, True), (0, 2, False), (1099, 0, True), (1100, 0, False)],
)
def test_the_edges_of_a_period(
    healed: World, ana: Browser, back: int, ahead: int, *, works: bool
) -> None:
    """One day is a period, tomorrow (UTC) is the last day and 1,100 days are the longest."""
    now = today(healed.clock)
    start, end = now - timedelta(days=back), now + timedelta(days=ahead)
    answer = ana.api("GET", f"{INSIGHTS}&startDate={start}&endDate={end}")
    assert answer.status_code == (200 if works else 422), answer.text


# --- bytes that have no place -------------------------------------------------------------------

NASTY = (
    b"\x00",
    b"\r",
    b"\n",
    b"\r\n",
    b"\xff",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\x1f",
    b"\x7f",
    b"\x80",
)


@pytest.mark.holds(72)
@pytest.mark.parametrize("nasty", NASTY, ids=repr)
@pytest.mark.parametrize("encoded", [False, True], ids=["raw", "encoded"])
def test_bytes_that_have_no_place_are_4xx_anywhere(
    healed: World, ana: Browser, nasty: bytes, *, encoded: bool
) -> None:
    """NUL, controls, CR/LF and invalid UTF-8 in path, query or body are refused."""
    text = b"".join(b"%%%02x" % byte for byte in nasty) if encoded else nasty
    team = (API + TEAM).encode()
    cookie = ana.session_cookie
    requests = [
        request_bytes(team + text, cookie=cookie),
        request_bytes(b"/" + text, cookie=cookie),
        request_bytes(b"/auth/connected/" + text, cookie=cookie),
        request_bytes(f"{API}/workspaces/".encode() + text, cookie=cookie),
        request_bytes(team + b"?x=" + text, cookie=cookie),
        request_bytes(team + b"?" + text + b"=1", cookie=cookie),
        request_bytes(f"{API}{CAMPAIGNS}&campaignId=".encode() + text, cookie=cookie),
        request_bytes(b"/auth/login?returnTo=" + text),
        request_bytes(b"/auth/callback?state=" + text + b"&code=" + text),
        request_bytes(
            team,
            b"Content-Type: application/json",
            method=b"PATCH",
            cookie=cookie,
            body=b'{"name":"' + nasty + b'"}',
        ),
    ]
    for raw in requests:
        answer = send_raw(healed.origin, raw)
        assert answer is None or 400 <= answer.status < 500, (raw, answer)
    assert not [call for call in healed.sandbox.calls.list() if call.method == "PATCH"]


@pytest.mark.holds(72)
@pytest.mark.parametrize("nasty", NASTY, ids=repr)
@pytest.mark.parametrize(
    "name",
    [
        b"If-None-Match",
        b"X-BFF",
        b"X-BFF-Background",
        b"X-Request-ID",
        b"Origin",
        b"Host",
        b"Accept",
        b"Authorization",
        b"Cookie",
        b"Content-Type",
        b"Content-Length",
        b"Transfer-Encoding",
    ],
)
def test_bytes_in_headers_are_never_a_500(
    healed: World, ana: Browser, name: bytes, nasty: bytes
) -> None:
    """Odd bytes in a header that is read are refused or ignored, alone and beside a good one."""
    header, cookie = name + b": a" + nasty + b"b", ana.session_cookie
    for raw in (
        request_bytes((API + TEAM).encode(), header, cookie=cookie),
        request_bytes((API + TEAM).encode(), header, method=b"PATCH", cookie=cookie),
        request_bytes(b"/auth/login", header),
    ):
        answer = send_raw(healed.origin, raw)
        assert answer is None or answer.status < 500


@pytest.mark.holds(67, 72)
def test_no_operation_answers_500_to_any_byte_in_its_ids(healed: World, ana: Browser) -> None:
    """Every byte, encoded, in every id of one operation of each shape: always a problem below 500."""
    for operation in OPERATIONS:
        ask = ask_of(operation)
        for name in list(ask.path)[:1]:
            for byte in (0, 9, 10, 13, 27, 37, 47, 92, 127, 128, 255):
                target = ask.raw(ask.path | {name: f"a%{byte:02x}b"})
                answer = send_raw(healed.origin, on_wire(ask, ana.session_cookie, target))
                assert answer is not None
                assert answer.code is not None
                assert 400 <= answer.status < 500
