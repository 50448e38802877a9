"""oidc-provider as the identity provider, and a person in a browser who uses its pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import httpx2

from tests.peers.programs import HERE, node, running
from tests.ports import free_port

PROGRAM = HERE / "identity_provider.mjs"
CLIENT_ID = "ads-bff"
CLIENT_SECRET = "a client's secret/with:odd %chars"
_FORM = re.compile(r'<form[^>]*action="([^"]+)"')
PACKAGE = "oidc-provider"
_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"')


@contextmanager
def identity_provider(gateway_origin: str, log: Path) -> Iterator[str]:
    """Its issuer, for a gateway at that origin."""
    port = free_port()
    client = (gateway_origin, CLIENT_ID, CLIENT_SECRET)
    command = [node(PACKAGE), str(PROGRAM), str(port), *client]
    with running(command, port, log):
        yield f"http://127.0.0.1:{port}"


class Person(httpx2.Client):
    """A browser at the provider, which keeps the provider's cookies. `asked` are the pages met."""

    def __init__(self) -> None:
        super().__init__(trust_env=False, timeout=30)
        self.asked: list[str] = []

    def sign_in(self, authorize: str, login: str) -> str:
        """Answer whatever the provider asks; gives the address that it sends the browser back to."""
        self.asked = []
        issuer = str(httpx2.URL(authorize).copy_with(raw_path=b"/"))
        page = self.get(authorize)
        while True:
            if page.is_redirect:
                onwards = str(page.url.join(page.headers["location"]))
                if not onwards.startswith(issuer):
                    return onwards
                page = self.get(onwards)
            else:
                page = self._fill_in(page, login=login, password="any")

    def sign_out(self, address: str) -> str:
        """Say yes to signing out; gives where the provider leads then."""
        page = self._fill_in(self.get(address), logout="yes")
        assert page.status_code == 303, page.text
        return str(page.headers["location"])

    def _fill_in(self, page: httpx2.Response, **fields: str) -> httpx2.Response:
        """The page's one form, with its hidden fields and these."""
        assert page.status_code == 200, page.text
        form = _FORM.search(page.text)
        assert form is not None, page.text
        hidden = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
        self.asked.append(hidden.get("prompt", "logout"))
        return self.post(str(page.url.join(unescape(form[1]))), data={**fields, **hidden})
