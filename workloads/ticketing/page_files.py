"""Serves the page in `web/`: its files, and the headers that block all content except its own.

CloudFront's response headers policy and the page's server on a laptop use the same headers.
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
    """Return the Content-Security-Policy. `connect_to` has the origins of the API, of the Regions' health, and of the
    sign-in.
    """
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
            # The browser rejects any text that a script tries to insert as HTML.
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def build_headers(connect_to: Iterable[str] = ()) -> dict[str, str]:
    """Return the headers of every response with a file of the page."""
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
    """Return the type and content of a file of the page by its URL path, or None if it doesn't exist."""
    file = (WEB_FOLDER / (path.lstrip("/") or "index.html")).resolve()
    if not file.is_relative_to(WEB_FOLDER) or not file.is_file() or file.suffix not in CONTENT_TYPES:
        return None
    return CONTENT_TYPES[file.suffix], file.read_bytes()
