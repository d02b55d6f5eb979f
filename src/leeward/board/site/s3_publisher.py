"""The site put into its bucket: the pages, and `board.json` with the same figures for machines."""

from __future__ import annotations

from typing import Protocol

from leeward.board.model import Board
from leeward.board.site.html_pages import render_site
from leeward.common.aws.clients import translate_errors

INDEX_KEY, DATA_KEY = "index.html", "board.json"
_HTML_TYPE, _JSON_TYPE = "text/html; charset=utf-8", "application/json"


class S3Client(Protocol):
    """S3's client, as far as it is used."""

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str, CacheControl: str) -> object:  # noqa: N803 - AWS's names
        """Write one object."""
        ...


def publish_board(board: Board, client: S3Client, bucket: str) -> list[str]:
    """Write the site; the keys written, the index last, so that it leads to no page that is older than itself.

    Raises AccessDenied, NotFound and the other named errors of `common.aws`.
    """
    pages = {name: (text, _HTML_TYPE) for name, text in render_site(board).items()}
    index = pages.pop(INDEX_KEY)
    written = {**pages, DATA_KEY: (board.model_dump_json(), _JSON_TYPE), INDEX_KEY: index}
    for key, (text, kind) in written.items():
        with translate_errors("s3:PutObject"):
            # A browser asks again each time: an old board that looks new is worse than none.
            client.put_object(
                Bucket=bucket, Key=key, Body=text.encode(), ContentType=kind, CacheControl="no-cache"
            )  # fmt: skip
    return list(written)
