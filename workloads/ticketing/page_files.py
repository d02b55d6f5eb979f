"""How the page in `web/` is served: which files, and the headers that keep everything out of it that is not its own.

The same headers are CloudFront's response headers policy and those of whoever serves the page on a laptop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

WEB_FOLDER = Path(__file__).with_name("web")
CONTENT_TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}


def build_security_policy(connect_to: Iterable[str] = ()) -> str:
    """The Content-Security-Policy. `connect_to`: origins of the API, the Regions' health and the sign-in."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            " ".join(("connect-src 'self'", *sorted(set(connect_to)))),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            # The browser itself refuses any text that a script would have read as HTML.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def build_headers(connect_to: Iterable[str] = ()) -> dict[str, str]:
    """What every answer with a file of the page carries."""
    return {
        "Content-Security-Policy": build_security_policy(connect_to),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


def find_file(path: str) -> tuple[str, bytes] | None:
    """The type and the content of a file of the page, by its path in the URL; None where there is none."""
    wanted = (WEB_FOLDER / (path.lstrip("/") or "index.html")).resolve()
    if not wanted.is_relative_to(WEB_FOLDER) or not wanted.is_file() or wanted.suffix not in CONTENT_TYPES:
        return None
    return CONTENT_TYPES[wanted.suffix], wanted.read_bytes()
