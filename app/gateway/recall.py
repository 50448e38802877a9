"""recall: who got an answer and asks for it again with the same bytes gets it again, and at once.

Nothing is decided here. What a request was answered on is remembered (a *memo*): its credential, what
access was decided on, the proof, the kept answer, and until when each of them holds. As long as all of
it holds the same request has the same answer; anything else, and whatever is unusual about a request,
goes the long way. What is sent stands in the store: a memo holds no answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from msgspec import Struct
from starlette.types import Scope

from app.cache.encodings import Encoding
from app.cache.entries import Entry, Form
from app.cache.epochs import Epochs
from app.cache.store import Store
from app.catalogue.operation import Operation, Read
from app.clock import Clock
from app.errors import NotAcceptable
from app.gateway.answers import (
    KEPT,
    KEPT_CONTENT,
    age,
    coded,
    hit_status,
    matches,
    security_headers,
)
from app.gateway.asking import check_accept, wanted_encoding
from app.gateway.draining import Drain
from app.gateway.pipeline import Answered
from app.gateway.reading import Reading, Standing
from app.gateway.way_out import LINE, Always, Header
from app.observe.current import Request as Served
from app.observe.request_id import request_id_of
from app.observe.requests import Line, Requests
from app.oldest import drop_oldest
from app.session import csrf
from app.session.callers import Recognised
from app.session.watches import Watch, Watches

T = TypeVar("T")

Headers = Sequence[Header]
Found = Mapping[bytes, bytes]

# The memos of a process: those of 10,000 people with five tiles each (0.6 kB apiece).
MOST = 50_000
CREDENTIALS = frozenset({b"cookie", b"authorization"})
USUAL = CREDENTIALS | csrf.DECIDING | {
    b"accept",
    b"accept-encoding",
    b"host",
    b"if-none-match",
    b"x-bff-background",
    b"x-request-id",
}  # fmt: skip
# Whoever sends one of these wants something else than the answer as it is kept.
UNUSUAL = frozenset(
    {b"content-length", b"expect", b"range", b"transfer-encoding", b"upgrade", b"x-bff-explain"}
)
LOOKED_AT = USUAL | UNUSUAL
# Different values of a header that are told apart, and how long they are at most (bytes); others are
# parsed anew.
MOST_VALUES = 1000
LONGEST_VALUE = 256
# Whoever asks at greater length (bytes) fills the memory with one and the same.
LONGEST_TARGET = 1024

# The extension of ASGI by which a server hands on a `Request` that the memory was asked for already.
READ = "ads_bff.request.read"

Moment = tuple[int, tuple[int, str]]


class Request(Struct, eq=False, gc=False):
    """A request as it was read: `key` has a name for its credential, which itself is not kept, and its
    target; `others` are the other headers that matter."""

    key: tuple[bytes, bytes]
    others: Found


class Credential(Struct, eq=False, weakref=True):
    """One that was recognised, and whether it is still good, as far as this process has heard."""

    watch: Watch
    recognised: Recognised


class Memo(Struct, eq=False, gc=False):
    """What one request was answered on; `seen` is the count of changes at which all of it stood."""

    operation: str
    credential: Credential
    standing: Standing
    era: int
    seen: int


class Recalled(Struct, frozen=True, gc=False):
    """An answer that is given again."""

    form: Form
    age: int
    cache_status: str
    request_id: str

    @property
    def headers(self) -> list[Header]:
        return [
            *self.form.headers,
            (b"age", str(self.age).encode()),
            (b"cache-status", self.cache_status.encode()),
            (b"x-request-id", self.request_id.encode()),
        ]

    @property
    def head(self) -> bytes:
        """The same as it stands on the wire, up to the body."""
        changing = (
            f"age: {self.age}\r\ncache-status: {self.cache_status}\r\n"
            f"x-request-id: {self.request_id}\r\n\r\n"
        )
        return self.form.head + changing.encode()


class Memory:
    """The memos of this process. `origin` is the gateway's own; `shared_origins` says that others may
    read as well, which costs an answer further headers."""

    def __init__(
        self,
        store: Store,
        reading: Reading,
        epochs: Epochs,
        watches: Watches,
        drain: Drain,
        requests: Requests,
        clock: Clock,
        origin: str,
        *,
        shared_origins: bool,
        most: int = MOST,
    ) -> None:
        self._store = store
        self._reading = reading
        self._epochs = epochs
        self._watches = watches
        self._drain = drain
        self._requests = requests
        self._clock = clock
        self._origin = origin
        self._shared_origins = shared_origins
        self._most = most
        self._always = Always(security_headers(https=origin.startswith("https://")))
        self._memos: dict[tuple[bytes, bytes], Memo] = {}
        self._credentials: WeakValueDictionary[bytes, Credential] = WeakValueDictionary()
        self._encodings: Values[Encoding | None] = Values(wanted_encoding)
        self._accepted: Values[bool] = Values(_accepts_json)

    def __len__(self) -> int:
        return len(self._memos)

    # --- giving again -----------------------------------------------------------------------------

    def recall(self, target: bytes, headers: Headers) -> Recalled | None:
        """The answer to a GET of that target (path and query as they were sent), if it is known."""
        request = request_of(target, headers)
        return None if request is None else self.answer(request)

    def answer(self, request: Request) -> Recalled | None:
        """The answer to what was read before."""
        began = time.perf_counter()
        memo = self._memos.get(request.key)
        if memo is None or self._drain.under_way:
            return None
        now = self._clock.now()
        entry = self._standing_entry(memo, now)
        if entry is None:
            del self._memos[request.key]
            return None
        if not self._may(memo.credential, request.others, now):
            return None
        return self._answered(memo.operation, entry, request.others, now, began)

    def _standing_entry(self, memo: Memo, now: float) -> Entry | None:
        """The kept answer, while everything that it was given on stands."""
        standing, changes = memo.standing, self._epochs.changes
        if now >= standing.until or not self._epochs.sure:
            return None
        if memo.seen != changes.count:
            if memo.era != changes.era or not self._reading.stands(standing):
                return None
            memo.seen = changes.count
        entry = self._store.get(standing.digest)
        return entry if entry is not None and entry.at == standing.at else None

    def _may(self, credential: Credential, found: Found, now: float) -> bool:
        """Whether the caller is still who he was, and the request comes from where it should."""
        at_work = found.get(b"x-bff-background") != b"1"
        if not credential.watch.stands(now, at_work=at_work):
            return False
        if self._shared_origins and b"origin" in found:
            return False
        by_cookie = credential.recognised.caller.by_cookie
        if by_cookie and csrf.fault_in(found, "GET", self._origin) is not None:
            return False
        accept = found.get(b"accept")
        return accept is None or self._accepted.of(accept)

    def _answered(
        self, operation: str, entry: Entry, found: Found, now: float, began: float
    ) -> Recalled:
        given = found.get(b"accept-encoding")
        encoding = None if given is None else self._encodings.of(given)
        if_none_match = found.get(b"if-none-match")
        etag = entry.content.etag.encode()
        known = if_none_match is not None and matches(if_none_match, etag)
        form = self._form(entry, 304 if known else 200, None if known else encoding)
        recalled = Recalled(
            form, age(entry, now), hit_status(entry, now), request_id_of(found.get(b"x-request-id"))
        )
        self._requests.tell_hit(operation, form.status, lambda: _line(operation, recalled, began))
        return recalled

    def _form(self, entry: Entry, status: int, encoding: Encoding | None) -> Form:
        """How its content is sent: made once, and then part of it where it is held."""
        form = entry.content.forms.get((status, encoding))
        if form is None:
            form = self._made(entry, status, encoding)
            self._store.keep_form(entry, encoding, form)
        return form

    def _made(self, entry: Entry, status: int, encoding: Encoding | None) -> Form:
        body, fixed, own = b"", KEPT, [(b"etag", entry.content.etag.encode())]
        if status != 304:
            body, coding = coded(entry, encoding, self._store)
            fixed = KEPT_CONTENT[coding]
            own.append((b"content-length", str(len(body)).encode()))
        block = self._always.beside(fixed)
        lines = b"".join(LINE % header for header in own)
        return Form(status, (*block.headers, *own), block.lines + lines, body)

    # --- remembering ------------------------------------------------------------------------------

    @property
    def moment(self) -> Moment:
        """Another one as soon as anything ended that a request which began before may rest on."""
        return self._epochs.changes.count, self._watches.moment

    def recognised(self, scope: Scope, *, at_work: bool) -> Recognised | None:
        """Who asks, where his credential was recognised before and is good still. None says nothing: then
        he is recognised anew, as whenever it could have ended without being heard of here."""
        request: Request | None = scope["read"]
        credential = None if request is None else self._credentials.get(request.key[0])
        if credential is None or not self._epochs.sure:
            return None
        stands = credential.watch.stands(self._clock.now(), at_work=at_work)
        return credential.recognised if stands else None

    def remember(
        self,
        began: Moment,
        scope: Scope,
        operation: Operation[Any],
        recognised: Recognised,
        answered: Answered,
    ) -> None:
        """What a request that began at that moment was answered on, if it may be answered so again."""
        standing = answered.standing
        if standing is None or scope["head"] or not operation.by_target:
            return
        request = scope["read"] or _read_late(scope)
        if request is None or len(request.key[1]) > LONGEST_TARGET:
            return
        if began != self.moment or self._clock.now() >= standing.until:
            return
        credential = self._credential(request.key[0], recognised)
        if credential is None:
            return
        key, changes = request.key, self._epochs.changes
        self._memos.pop(key, None)
        self._memos[key] = Memo(operation.id, credential, standing, changes.era, changes.count)
        # The first in, since all live equally long.
        drop_oldest(self._memos, self._most)

    def _credential(self, name: bytes, recognised: Recognised) -> Credential | None:
        """The credential of that name, by which this caller was recognised just now; None where it cannot be
        watched."""
        credential = self._credentials.get(name)
        if credential is not None and credential.recognised is recognised:
            return credential
        watch = self._watches.on(recognised)
        if watch is None:
            return None
        if credential is None:
            credential = self._credentials[name] = Credential(watch, recognised)
        credential.watch, credential.recognised = watch, recognised
        return credential


def request_of(target: bytes, headers: Headers) -> Request | None:
    """What matters of a GET; None where there is anything unusual about it."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in LOOKED_AT:
            if name in found or name in UNUSUAL:
                return None
            found[name] = value
    cookie, bearer = found.pop(b"cookie", None), found.pop(b"authorization", None)
    if cookie is not None and bearer is None:
        given = b"cookie " + cookie
    elif bearer is not None and cookie is None:
        given = b"authorization " + bearer
    else:
        return None
    return Request((blake2b(given, digest_size=20).digest(), target), found)


def read_of(extensions: Mapping[str, Any]) -> Request | None:
    """The request that the server has read and asked for."""
    read = extensions.get(READ)
    return None if read is None else read["request"]


def _read_late(scope: Scope) -> Request | None:
    """What the server has not read."""
    if scope.get("raw_path") is None:
        return None
    return request_of(target_of(scope), scope["headers"])


def target_of(scope: Scope) -> bytes:
    """Path and query as they were sent."""
    path, query = bytes(scope["raw_path"]), bytes(scope["query_string"])
    return b"%b?%b" % (path, query) if query else path


class Values(Generic[T]):
    """What the values of a header mean: each is parsed once, up to a number of different ones."""

    def __init__(self, parse: Callable[[bytes], T]) -> None:
        self._parse = parse
        self._known: dict[bytes, T] = {}

    def of(self, value: bytes) -> T:
        known = self._known.get(value, _UNKNOWN)
        if not isinstance(known, _Unknown):
            return known
        if len(value) > LONGEST_VALUE:
            return self._parse(value)
        if len(self._known) >= MOST_VALUES:
            self._known.clear()
        return self._known.setdefault(value, self._parse(value))


class _Unknown:
    """Stands for a value that was not parsed yet."""


_UNKNOWN = _Unknown()


def _accepts_json(accept: bytes) -> bool:
    try:
        check_accept(accept, Read.media_type)
    except NotAcceptable:
        return False
    return True


def _line(operation: str, recalled: Recalled, began: float) -> Line:
    return Line(
        operation,
        "GET",
        recalled.form.status,
        recalled.cache_status,
        None,
        None,
        round((time.perf_counter() - began) * 1000, 1),
        Served(recalled.request_id),
    )
