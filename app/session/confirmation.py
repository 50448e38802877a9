"""The page between a sign-in and an app that waits at a custom scheme.

Any app may register the scheme, so that nothing is opened before the person says so (RFC 8252,
section 8.6). The page runs nothing and loads nothing.
"""

from __future__ import annotations

import base64
import hashlib
from html import escape
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse

_STYLE = (
    ":root{color-scheme:light dark;font:1rem/1.5 system-ui,sans-serif}"
    "body{max-width:32rem;margin:4rem auto;padding:0 1rem}"
    "a{display:inline-block;padding:.75rem 1.25rem;border:2px solid;border-radius:.5rem}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def confirmation(address: str) -> HTMLResponse:
    """The page whose one link is that address."""
    scheme = urlsplit(address).scheme
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Continue to the app</title><style>{_STYLE}</style></head><body><main>"
        "<h1>You are signed in</h1>"
        "<p>If you began this in an app on this device, go back to it. If you did not, close this "
        "page.</p>"
        f'<p><a href="{escape(address)}">Continue to the app</a></p>'
        f"<p>The link opens the app that this device knows as <code>{escape(scheme)}</code>.</p>"
        "</main></body></html>"
    )
    return HTMLResponse(
        html, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    )
