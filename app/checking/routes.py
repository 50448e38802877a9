"""Whether the platform has the addresses that the catalogue declares, found out by reading alone
(docs/decisions/033).

Each address is asked beside one that cannot be there, its like but for one word. Both are asked by GET
where the operation is a GET that reads, by OPTIONS otherwise, about objects that do not exist.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from app.catalogue.address import Address
from app.catalogue.operations import Catalogue
from app.checking.asking import Asker, NoAnswer, json_of
from app.findings import Finding, fault, note
from app.upstream.exchange import Incoming, Outgoing

SETTING = "BFF_UPSTREAM__ROUTES"


class Verdict(StrEnum):
    """What can be said of an address."""

    CONFIRMED = "confirmed"
    MISSING = "missing"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, slots=True)
class Judged:
    """An address with its verdict, and what that is decided on."""

    operation: str
    address: Address
    verdict: Verdict
    why: str

    def finding(self) -> Finding:
        sentence = (
            f"{SETTING}: {self.operation} {self.address.method} {self.address.path}: "
            f"{self.verdict}, {self.why}."
        )
        if self.verdict is Verdict.MISSING:
            return fault(sentence, "Give the operation the platform's own address.")
        return note(sentence)


class Routes:
    """Asks one platform, with the key, and with a user's token if there is one."""

    def __init__(self, asker: Asker, base_url: str, key: str, token: str | None) -> None:
        self._asker = asker
        self._base = base_url.rstrip("/")
        self._headers = {"x-api-key": key, "accept": "application/json"}
        if token is not None:
            self._headers["authorization"] = f"Bearer {token}"
        # No object is called so, and no address.
        self._nobody = f"bff-check-{secrets.token_hex(6)}"

    async def judge(self, catalogue: Catalogue, replaced: Mapping[str, str]) -> list[Judged]:
        """Every address, one after the other: this is no load test."""
        reads = {operation.id for operation in catalogue.operations if operation.safe}
        reads.add("refreshToken")
        return [
            await self._judge(name, address, reads=name in reads)
            for name, address in catalogue.addresses(replaced).items()
        ]

    async def _judge(self, name: str, address: Address, *, reads: bool) -> Judged:
        method = "GET" if reads and address.method == "GET" else "OPTIONS"
        path, beside = self._filled(address.path), self._filled(_unlike(address.path, self._nobody))
        try:
            answer, control = await self._ask(method, path), await self._ask(method, beside)
        except NoAnswer as none:
            return Judged(name, address, Verdict.UNKNOWN, f"no answer ({none})")
        judge = _by_reading if method == "GET" else _by_options
        verdict, why = judge(address.method, _Said(answer, path), _Said(control, beside))
        return Judged(name, address, verdict, why)

    def _filled(self, path: str) -> str:
        return (
            Address("GET", path)
            .fill(dict.fromkeys(Address("GET", path).placeholders, self._nobody))
            .path
        )

    async def _ask(self, method: str, path: str) -> Incoming:
        return await self._asker.ask(Outgoing(method, self._base + path, self._headers))


class _Said:
    """An answer, as far as it tells addresses apart."""

    def __init__(self, answer: Incoming, path: str) -> None:
        self.status = answer.status
        said = json_of(answer)
        self.known_envelope = isinstance(said, dict) and bool(said.keys() & {"success", "error"})
        self.like = (answer.status, _essence(said, path))
        self.allowed = {
            method.strip()
            for method in answer.headers.get("allow", "").split(",")
            if method.strip()
        }


def _by_reading(_: str, said: _Said, control: _Said) -> tuple[Verdict, str]:
    """An address that is there answers otherwise than one that is not."""
    if said.status == 405:
        return Verdict.MISSING, "the address takes other methods"
    if said.status == 429 or said.status >= 500:
        return Verdict.UNKNOWN, f"it answers {said.status}"
    if said.like == control.like:
        if said.status == 404:
            return Verdict.MISSING, "it answers as where no address is"
        return Verdict.UNKNOWN, f"it answers {said.status} whatever is asked"
    if control.status == 404 and said.known_envelope:
        return Verdict.CONFIRMED, f"it answers {said.status}, and otherwise where no address is"
    return Verdict.UNKNOWN, f"it answers {said.status}, in a form that says nothing"


def _by_options(method: str, said: _Said, control: _Said) -> tuple[Verdict, str]:
    """A server that lists the methods of an address, and does not list them for every other."""
    if not said.allowed or said.allowed == control.allowed:
        return Verdict.UNKNOWN, "it changes something, so it was not sent, and OPTIONS says nothing"
    if method in said.allowed:
        return Verdict.CONFIRMED, "OPTIONS lists the method"
    return Verdict.MISSING, "OPTIONS lists other methods"


def _unlike(path: str, word: str) -> str:
    """The path with that in the place of its last word, which cannot be there."""
    segments = path.split("/")
    last = max(place for place, one in enumerate(segments) if one and not one.startswith("{"))
    return "/".join([*segments[:last], word, *segments[last + 1 :]])


def _essence(said: Any, path: str) -> str:
    """What is said, but for when, and of which path."""
    if isinstance(said, dict):
        said = {name: value for name, value in said.items() if name not in {"timestamp", "path"}}
    return json.dumps(said, sort_keys=True).replace(path, "{path}")
