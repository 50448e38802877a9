"""A product's own single-page application, served on the gateway's origin.

Its files are read when the gateway starts and looked up by address: no address is ever made into a
path, so nothing escapes and no folder is listed. Another build is served after a restart.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from app.console.assets import INERT, MEDIA_TYPES, Asset
from app.settings import SettingsFault, SpaSettings

# The first segments of the gateway's own addresses: there it is that answers, and nobody else.
OWN = frozenset({"api", "auth", "console", "docs", "healthz", "metrics", "openapi.json", "readyz"})
# Further kinds of files that builds consist of. Others, source maps among them, are not served.
KINDS = MEDIA_TYPES | {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".otf": "font/otf",
    ".png": "image/png",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".xml": "application/xml",
}
# A page is held to the product's policy, and so is a worker, which brings its own.
ACTIVE = frozenset({".html", ".js", ".mjs"})
MOST_BYTES = 64 * 1024 * 1024
FOR_GOOD = "public, max-age=31536000, immutable"
# Where bundlers put what they name after its content: eight characters or more, not just a word.
_HASHED = re.compile(r"/assets/(?:.*/)?[^/]+[.-](?=[a-z_-]*[A-Z0-9])[A-Za-z0-9_-]{8,}\.[a-z0-9]+")


class Spa:
    """What is served at which address; its page stands in for the addresses that its router knows."""

    def __init__(self, files: Mapping[str, Asset]) -> None:
        self._files = dict(files)
        self._page = files["/index.html"]

    @classmethod
    def read(cls, settings: SpaSettings) -> Spa | None:
        """None without a directory; raises SettingsFault for one that cannot be served."""
        if settings.directory is None:
            return None
        try:
            files = dict(_read(settings.directory.resolve(), settings.content_security_policy))
        except OSError as error:
            raise _fault(f"cannot be read: {error.strerror}") from None
        if "/index.html" not in files:
            raise _fault("holds no index.html, or only a link to one")
        return cls(files)

    def find(self, path: str, accept: str) -> Asset | None:
        """The file of that address, or the page for a navigation to a route of the application."""
        lower = path.lower()
        first, *rest = lower.removeprefix("/").split("/")
        if first in OWN:
            return None
        name = f"{path}index.html" if path.endswith("/") else path
        if found := self._files.get(name):
            return found
        # A file that is missing must look missing, to scripts and to people.
        names_a_file = first == "assets" or lower.endswith(".map")
        is_odd = any(part.startswith(".") for part in (first, *rest)) or "" in (first, *rest[:-1])
        return None if names_a_file or is_odd or not _wants_a_page(accept) else self._page


class SpaRoute(Route):
    """Comes after all other routes, and is one only for what the application has an answer to.

    Everything else is what it would be without it: not found, or found with another method.
    """

    def __init__(self, spa: Spa) -> None:
        super().__init__("/{path:path}", self._serve, name="spa", include_in_schema=False)
        self._spa = spa

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] != "http" or self._found(scope) is None:
            return Match.NONE, {}
        return super().matches(scope)

    async def _serve(self, request: Request) -> Response:
        found = self._found(request.scope)
        assert found is not None  # it matched
        answer = await found.answer(request)
        if found.media_type == KINDS[".html"]:
            answer.headers["vary"] = "Accept"
        return answer

    def _found(self, scope: Scope) -> Asset | None:
        accept = ",".join(Headers(scope=scope).getlist("accept"))
        return self._spa.find(scope["path"], accept)


def _wants_a_page(accept: str) -> bool:
    """Whether the caller names HTML, as browsers do when a person goes somewhere."""
    for part in accept.lower().split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        if kind == "text/html":
            return not any(re.fullmatch(r"q=0(\.0*)?", word) for word in parameters)
    return False


def _read(root: Path, policy: str) -> Iterator[tuple[str, Asset]]:
    total = 0
    for address, file in _below(root, "/"):
        suffix = file.suffix.lower()
        if suffix not in KINDS:
            continue
        if address.lower().split("/")[1] in OWN:
            raise _fault(f"holds {address[1:]}, whose address is the gateway's own")
        total += file.stat().st_size
        if total > MOST_BYTES:
            raise _fault(f"holds more than {MOST_BYTES // 2**20} MiB, and is kept in memory whole")
        keep = FOR_GOOD if _HASHED.fullmatch(address) else "no-cache"
        held_to = policy if suffix in ACTIVE else INERT
        yield address, Asset.of(file.read_bytes(), KINDS[suffix], policy=held_to, keep=keep)


def _below(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    """Every file below the folder with its address; neither links nor what is hidden."""
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below(folder / entry.name, f"{prefix}{entry.name}/")
            elif entry.is_file(follow_symlinks=False):
                yield prefix + entry.name, folder / entry.name


def _fault(what: str) -> SettingsFault:
    return SettingsFault([f"BFF_SPA__DIRECTORY {what}."])
