"""Whole gateways in one event loop, asked as a server asks them; their parts can be asked beside."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI
from starlette.types import Message

from app.catalogue.operation import Operation, Place
from app.main import create_app
from app.parts import Parts
from app.session.claims import Claims
from app.session.sessions import Sessions
from app.testing.world import API, no_jitter
from tests.cache.replicas import Replicas

UNAUTHENTICATED = 401


@dataclass
class Told:
    """One response, and whether it came from memory."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    recalled: bool = False


class Gateways(Replicas):
    """Each with its front door. Users have a session each, at all of them."""

    def __init__(self, *args: Any, **groups: Any) -> None:
        self._apps: dict[int, FastAPI] = {}
        self.cookies: dict[str, str] = {}
        super().__init__(*args, **groups)

    def _new(self) -> Parts:
        app = create_app(
            self._settings, clock=self._clock, log_stream=io.StringIO(), chance=no_jitter
        )
        parts: Parts = app.state.parts
        self._apps[id(parts)] = app
        return parts

    def sessions(self, replica: int) -> Sessions:
        stores = self.parts[replica].stores
        return Sessions(self._settings.session, stores.sessions, stores.bars, self._clock)

    async def sign_in(self, replica: int, user: str) -> str:
        """As after the login; gives the session's id."""
        claims = Claims(
            user=user,
            subject=user,
            enterprises=frozenset({"acme"}),
            name=None,
            explains=False,
            provider_session=None,
            expires=int(self._clock.now()) + 600,
        )
        sessions = self.sessions(replica)
        return await sessions.start(claims, how="browser", began=self._clock.now())

    async def told(self, replica: int, user: str, operation: Operation[Any]) -> Told:
        """The answer to this user, who signs in where he is not."""
        if user in self.cookies:
            told = await self.told_to(self.cookies[user], replica, operation)
            if told.status != UNAUTHENTICATED:
                return told
            assert not told.recalled
        self.cookies[user] = await self.sign_in(replica, user)
        return await self.told_to(self.cookies[user], replica, operation)

    async def told_to(self, session_id: str, replica: int, operation: Operation[Any]) -> Told:
        """The answer to whoever has that session."""
        parts, told = self.parts[replica], Told()
        before = parts.counters.value("requests", by="recall")

        asked = iter(({"type": "http.request", "body": b"", "more_body": False},))

        async def receive() -> Message:
            for message in asked:
                return message
            # Nobody leaves before he is answered.
            await asyncio.Event().wait()
            raise AssertionError

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                told.status, told.headers = message["status"], dict(message["headers"])
            else:
                told.body += message.get("body", b"")

        await self._apps[id(parts)](_scope(operation, session_id), receive, send)
        told.recalled = parts.counters.value("requests", by="recall") > before
        return told


def _scope(operation: Operation[Any], session_id: str) -> dict[str, Any]:
    """The request as a server hands it on."""
    path, query = API + _path(operation), urlencode(list(_query(operation)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [
            (b"host", b"localhost"),
            (b"cookie", f"bff-dev={session_id}".encode()),
            (b"x-bff", b"1"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }


def _path(operation: Operation[Any]) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter.place is Place.PATH:
            value = quote(str(getattr(operation, parameter.field)), safe="")
            path = path.replace(f"{{{parameter.name}}}", value)
    return path


def _query(operation: Operation[Any]) -> Iterator[tuple[str, str]]:
    """What is not as it is where nothing is said."""
    for parameter in operation.parameters:
        value = getattr(operation, parameter.field)
        default = type(operation).model_fields[parameter.field].default
        if parameter.place is Place.QUERY and value != default:
            for one in value if parameter.many else (value,):
                yield parameter.name, _text(one)


def _text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return str(value.value if isinstance(value, Enum) else value)
