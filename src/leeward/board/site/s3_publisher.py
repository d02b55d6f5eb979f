"""Upload the site to its S3 bucket, with `board.json` as machine-readable data."""

from __future__ import annotations

from typing import Protocol

from leeward.board.model import Board
from leeward.board.site.html_pages import render_site
from leeward.common.aws.clients import translate_errors

INDEX_KEY, DATA_KEY = "index.html", "board.json"
_HTML_TYPE, _JSON_TYPE = "text/html; charset=utf-8", "application/json"


class S3Client(Protocol):
    """The S3 operation that is used."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str, CacheControl: str) -> object:  # noqa: N803 - AWS's names
        """Call PutObject."""
        ...


def publish_board(board: Board, client: S3Client, bucket: str) -> list[str]:
    """Upload the site and return the keys. The index is last, so that it never links to an older page.

    Raises AccessDenied, NotFound, and the other errors of `common.errors`.
    """
    pages = {name: (text, _HTML_TYPE) for name, text in render_site(board).items()}
    index = pages.pop(INDEX_KEY)
    written = {**pages, DATA_KEY: (board.model_dump_json(), _JSON_TYPE), INDEX_KEY: index}
    for key, (text, content_type) in written.items():
        with translate_errors("s3:PutObject"):
            # no-cache, because an outdated board that looks current is worse than none.
            client.put_object(
                Bucket=bucket, Key=key, Body=text.encode(), ContentType=content_type, CacheControl="no-cache"
            )  # fmt: skip
    return list(written)
