"""Content security policies that a product may give its own page, judged before they are sent.

Browsers ignore what they do not understand and the second of two equal directives; here both are
faults, since either may be the one that was meant to protect.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# What typical builds need, and no script or style that is not a file of this origin. Small pictures
# and fonts become data: addresses in builds; `base-uri 'self'` is for pages with a <base>.
STANDARD = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'self'; frame-ancestors 'none'"
)
# Those that others fall back to, or that fall back to nothing (CSP 3, section 6.8.3).
NEVER_MISSING = ("default-src", "base-uri", "form-action", "frame-ancestors")
SCRIPTS = ("script-src", "script-src-elem", "script-src-attr", "worker-src")
_SOURCES = """
    child-src connect-src font-src frame-src img-src manifest-src media-src object-src style-src
    style-src-attr style-src-elem
"""
_OTHERS = """
    report-to report-uri require-trusted-types-for sandbox trusted-types upgrade-insecure-requests
"""
KNOWN = frozenset((*NEVER_MISSING, *SCRIPTS, *_SOURCES.split(), *_OTHERS.split()))
_HOST = re.compile(r"https://(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:/[!-~]*)?")
_HASH = re.compile(r"'sha(?:256|384|512)-[A-Za-z0-9+/_-]+={0,2}'")
_HARMLESS = frozenset({"'self'", "'none'", "'strict-dynamic'", "'report-sample'"})


def faults_of(policy: str) -> Iterator[str]:
    """What is wrong with a policy, each as the end of a sentence that begins with its name."""
    if not (policy.isascii() and policy.isprintable()):
        yield "holds characters that no header can carry"
        return
    given = [directive.split() for directive in policy.split(";") if directive.strip()]
    names = [words[0] for words in given]
    for name in sorted(set(names) - KNOWN):
        yield f"holds {name}, which is no directive (they are written in lower case)"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"holds {name} twice"
    for name in NEVER_MISSING:
        if name not in names:
            yield f"lacks {name}"
    for name, *sources in given:
        # Scripts fall back to default-src, so it is held to the same.
        if name in SCRIPTS or name == "default-src":
            for source in sources:
                if not _is_harmless(source):
                    yield (
                        f"lets {name} hold {source}: scripts are files of this origin or of a host "
                        "named with https://, or they are named by their hash"
                    )


def _is_harmless(source: str) -> bool:
    return source in _HARMLESS or bool(_HOST.fullmatch(source) or _HASH.fullmatch(source))
