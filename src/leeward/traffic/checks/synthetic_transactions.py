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

from leeward.common.polling import PollResult

_PAUSE_SECONDS = 1.0
# A look must end within the task's 60 s, also where every answer takes nearly its whole time.
_TIME_LIMIT_SECONDS = 45.0
_FIRST_NON_SUCCESS = 300
_TOKEN = "{token}"  # noqa: S105 - a place holder


class SyntheticTransaction(BaseModel):
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


class _TransactionFailed(Exception):
    """The API does not do as it should; the text says what it did."""


def run_transaction(transaction: SyntheticTransaction, token: str | None, key: str) -> PollResult:
    """Make it `consecutive` times in a row. `token` signs the requests in; `key` is new in every
    look: an API with idempotent writes would answer one that it knows with what it did then."""
    began = time.monotonic()
    region = ""
    for number in range(1, transaction.consecutive + 1):
        if number > 1:
            time.sleep(_PAUSE_SECONDS)
        if time.monotonic() - began > _TIME_LIMIT_SECONDS:
            return PollResult(False, f"answers too slowly: {number - 1} of {transaction.consecutive} rounds in a look")
        try:
            region = _run_round(transaction, token, sha256(f"{key}#{number}".encode()).hexdigest()[:32])
        except _TransactionFailed as error:
            return PollResult(False, f"{transaction.url}: {error} (round {number} of {transaction.consecutive})")
    by = f" by {region}" if region else ""
    detail = (
        f"{transaction.url}{transaction.write_path}: written and read back{by}, "
        f"{transaction.consecutive} times in a row"
    )
    return PollResult(True, detail, {"served_by": region})


def _run_round(transaction: SyntheticTransaction, token: str | None, unique: str) -> str:
    body = {name: _fill_token(value, unique) for name, value in transaction.write_body.items()}
    made = _send_request(transaction, "POST", transaction.write_path, token, body)
    thing = made.get("id")
    if not isinstance(thing, str) or not thing:
        raise _TransactionFailed("the answer to the write names no id")
    region = str(made.get("region", ""))
    if transaction.served_by is not None and region != transaction.served_by:
        raise _TransactionFailed(f"written in {region or 'an unnamed Region'}, expected {transaction.served_by}")
    read = _send_request(transaction, "GET", transaction.read_path.replace("{id}", quote(thing, safe="")), token)
    if read.get("id") != thing:
        raise _TransactionFailed(f"{thing} was written, and something else was read back")
    return region


def _send_request(
    transaction: SyntheticTransaction,
    method: str,
    path: str,
    token: str | None,
    body: Mapping[str, object] | None = None,
) -> Mapping[str, object]:
    url = urlsplit(transaction.url)
    headers = {"Host": url.netloc, "User-Agent": "leeward-check", "Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    address = url._replace(netloc=transaction.connect_to or url.netloc, path=path).geturl()
    pool = _tls_pool(url.hostname or "") if url.scheme == "https" and transaction.connect_to else urllib3.PoolManager()
    seconds = transaction.request_timeout_seconds
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
        raise _TransactionFailed(f"no answer to {method} {path} ({type(error).__name__})") from error
    finally:
        pool.clear()
    if answer.status >= _FIRST_NON_SUCCESS:
        raise _TransactionFailed(f"{method} {path} answered {answer.status}")
    try:
        told = json.loads(answer.data)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise _TransactionFailed(f"{method} {path} answered no JSON object")
    return told


def _fill_token(value: JsonValue, unique: str) -> JsonValue:
    return value.replace(_TOKEN, unique) if isinstance(value, str) else value


def _tls_pool(host: str) -> urllib3.PoolManager:
    """TLS for the URL's own host, though another is connected to."""
    return urllib3.PoolManager(server_hostname=host, assert_hostname=host)
