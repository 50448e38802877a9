"""The sandbox's HTML: pages without scripts, under a strict policy."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"

_STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; }
button { font: inherit; padding: .6rem 1rem; margin: .25rem 0; cursor: pointer; }
button.person { display: block; width: 100%; text-align: left; }
small { display: block; opacity: .75; }
fieldset { margin: 1rem 0; }
label { display: block; padding: .3rem 0; }
code { font-size: .95em; }
:focus-visible { outline: 3px solid #2f6fed; outline-offset: 2px; }
"""


def page(title: str, body: str, *, status: int = 200, forms_to: str | None = "'self'") -> Response:
    """A whole page; `body` is HTML already escaped.

    `forms_to` is the policy's form-action: browsers hold every redirect after the submission to
    it too. None leaves that directive out.
    """
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        '<link rel="stylesheet" href="/sandbox.css"></head>'
        f"<body><main><h1>{escape(title)}</h1>{body}</main></body></html>"
    )
    policy = _POLICY if forms_to is None else f"{_POLICY}; form-action {forms_to}"
    headers = {
        "content-security-policy": policy,
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
    return HTMLResponse(html, status, headers)


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


async def stylesheet(_request: Request) -> Response:
    return Response(_STYLE, media_type="text/css")
