"""The routes of the console and of the API documentation at `/docs`.

The console is at `/`, or at `/console` where the product's own application has that address. Both
pages are static. Each carries a policy that allows its own files and calls to this origin,
and nothing else: no inline script or style, no other host, no frame around it.
"""

from __future__ import annotations

from importlib.resources import files

from starlette.routing import BaseRoute, Route

from app.console.assets import Asset, Shelf, below
from app.console.spa import Spa, SpaRoute

_OWN_FILES_ONLY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CONSOLE_POLICY = f"{_OWN_FILES_ONLY}; require-trusted-types-for 'script'; trusted-types 'none'"
# Swagger UI writes markup of its own, which the stricter policy forbids.
DOCUMENTATION_POLICY = _OWN_FILES_ONLY

# Of the package nothing else is used: its pages hold inline scripts.
_SWAGGER_UI = ("swagger-ui-bundle.js", "swagger-ui.css")


def routes(*, console: bool, docs: bool, spa: Spa | None = None) -> list[BaseRoute]:
    """The routes of the pages that are switched on; their files are read now, not per request.

    They come last: the application's route answers what no other does.
    """
    return [
        *(_console("/console" if spa else "/") if console else ()),
        *(_documentation() if docs else ()),
        *([SpaRoute(spa)] if spa else ()),
    ]


def _console(address: str) -> list[Route]:
    static = files("app.console") / "static"
    page = Asset.read(static / "index.html", policy=CONSOLE_POLICY)
    return [
        Route(address, page.answer, name="console"),
        Route("/console/{name:path}", Shelf(dict(below(static))).answer, name="consoleAsset"),
    ]


def _documentation() -> list[Route]:
    ours = files("app.console")
    swagger_ui = files("fastapi_offline") / "static"
    page = Asset.read(ours / "documentation" / "index.html", policy=DOCUMENTATION_POLICY)
    assets = dict(below(ours / "documentation"))
    assets |= {name: Asset.read(swagger_ui / name) for name in _SWAGGER_UI}
    assets["icon.svg"] = Asset.read(ours / "static" / "icon.svg")
    return [
        Route("/docs", page.answer, name="documentation"),
        Route("/docs/assets/{name:path}", Shelf(assets).answer, name="documentationAsset"),
    ]
