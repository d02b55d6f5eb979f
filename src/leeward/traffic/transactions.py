"""A synthetic transaction: write something through an API as a user would, and read it back.

Like `http_checks`: what fails is "not serving yet", never an error, and `consecutive` rounds are made within one look.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote, urlsplit

import urllib3
from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveFloat
from urllib3.exceptions import HTTPError

from leeward.common.polling import Look

_PAUSE_SECONDS = 1.0
# A look must end within the task's 60 s, also where every answer takes nearly its whole time.
_PATIENCE_SECONDS = 45.0
_FIRST_OTHER = 300
_TOKEN = "{token}"  # noqa: S105 - a place holder


class Transaction(BaseModel):
    """`url` as users know it; `connect_to`, a host to ask instead of the URL's own; `served_by`, the Region that the
    written thing must name in its member `region`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    connect_to: str | None = None
    write_path: str
    write_body: Mapping[str, JsonValue]
    read_path: str
    served_by: str | None = None
    consecutive: int = Field(default=1, ge=1, le=20)
    request_timeout_seconds: PositiveFloat = Field(default=5, le=30)


class _NotYet(Exception):
    """The API does not do as it should; the text says what it did."""


def look(wanted: Transaction, token: str | None, key: str) -> Look:
    """Make it `consecutive` times in a row. `token` signs the requests in; `key` is new in every
    look: an API with idempotent writes would answer one that it knows with what it did then."""
    began = time.monotonic()
    region = ""
    for number in range(1, wanted.consecutive + 1):
        if number > 1:
            time.sleep(_PAUSE_SECONDS)
        if time.monotonic() - began > _PATIENCE_SECONDS:
            return Look(False, f"answers too slowly: {number - 1} of {wanted.consecutive} rounds in a look")
        try:
            region = _round(wanted, token, sha256(f"{key}#{number}".encode()).hexdigest()[:32])
        except _NotYet as error:
            return Look(False, f"{wanted.url}: {error} (round {number} of {wanted.consecutive})")
    by = f" by {region}" if region else ""
    detail = f"{wanted.url}{wanted.write_path}: written and read back{by}, {wanted.consecutive} times in a row"
    return Look(True, detail, {"served_by": region})


def _round(wanted: Transaction, token: str | None, unique: str) -> str:
    body = {name: _filled(value, unique) for name, value in wanted.write_body.items()}
    made = _ask(wanted, "POST", wanted.write_path, token, body)
    thing = made.get("id")
    if not isinstance(thing, str) or not thing:
        raise _NotYet("the answer to the write names no id")
    region = str(made.get("region", ""))
    if wanted.served_by is not None and region != wanted.served_by:
        raise _NotYet(f"written in {region or 'an unnamed Region'}, expected {wanted.served_by}")
    read = _ask(wanted, "GET", wanted.read_path.replace("{id}", quote(thing, safe="")), token)
    if read.get("id") != thing:
        raise _NotYet(f"{thing} was written, and something else was read back")
    return region


def _ask(
    wanted: Transaction, method: str, path: str, token: str | None, body: Mapping[str, object] | None = None
) -> Mapping[str, object]:
    url = urlsplit(wanted.url)
    headers = {"Host": url.netloc, "User-Agent": "leeward-check", "Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    address = url._replace(netloc=wanted.connect_to or url.netloc, path=path).geturl()
    pool = _pool(url.hostname or "") if url.scheme == "https" and wanted.connect_to else urllib3.PoolManager()
    seconds = wanted.request_timeout_seconds
    try:
        answer = pool.request(
            method,
            address,
            headers=headers,
            body=None if body is None else json.dumps(body).encode(),
            timeout=urllib3.Timeout(connect=seconds, read=seconds),
            retries=False,
            redirect=False,
        )
    except HTTPError as error:
        raise _NotYet(f"no answer to {method} {path} ({type(error).__name__})") from error
    finally:
        pool.clear()
    if answer.status >= _FIRST_OTHER:
        raise _NotYet(f"{method} {path} answered {answer.status}")
    try:
        told = json.loads(answer.data)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _NotYet(f"{method} {path} answered no JSON object")
    return told


def _filled(value: JsonValue, unique: str) -> JsonValue:
    return value.replace(_TOKEN, unique) if isinstance(value, str) else value


def _pool(host: str) -> urllib3.PoolManager:
    """TLS for the URL's own host, though another is connected to."""
    return urllib3.PoolManager(server_hostname=host, assert_hostname=host)
