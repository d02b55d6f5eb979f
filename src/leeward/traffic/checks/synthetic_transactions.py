"""Synthetic transactions: write an item through an API as a user would, and read it back.

As in `http_checks`, a failure means "not serving yet", and each poll runs `consecutive` rounds.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveFloat

from leeward.common.claims.types.traffic_claims import TransactionServed
from leeward.common.polling import PollResult
from leeward.common.web_requests import NoAnswer, send_request

_PAUSE_SECONDS = 1.0
# No round begins whose two requests could end later, so that a task's call stays below 30 s.
_TIME_LIMIT_SECONDS = 28.0
_FIRST_NON_SUCCESS = 300
_TOKEN = "{token}"  # noqa: S105 - a placeholder


class SyntheticTransaction(BaseModel):
    """A transaction to run.

    `url` is the URL that users request. `connect_to` is a host to connect to instead of the URL's own. `served_by` is
    the Region that the written item must have in its field `region`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    url: str
    connect_to: str | None = None
    write_path: str
    write_body: Mapping[str, JsonValue]
    read_path: str
    served_by: str | None = None
    consecutive: int = Field(default=1, ge=1, le=20)
    request_timeout_seconds: PositiveFloat = Field(default=5, le=14)


class _TransactionFailed(Exception):
    """The API did not respond as expected. The message says how it responded."""


def run_transaction(transaction: SyntheticTransaction, token: str | None, key: str) -> PollResult:
    """Run the transaction `consecutive` times in a row. `token` authenticates the requests.

    `key` must be new in every poll. An API with idempotent writes answers a known key with its earlier response.
    """
    start = time.monotonic()
    region = ""
    for round_number in range(1, transaction.consecutive + 1):
        if round_number > 1:
            time.sleep(_PAUSE_SECONDS)
        if time.monotonic() - start + 2 * transaction.request_timeout_seconds > _TIME_LIMIT_SECONDS:
            return PollResult(
                False, f"answers too slowly: {round_number - 1} of {transaction.consecutive} rounds in one poll"
            )
        try:
            region = _run_round(transaction, token, sha256(f"{key}#{round_number}".encode()).hexdigest()[:32])
        except _TransactionFailed as error:
            return PollResult(False, f"{transaction.url}: {error} (round {round_number} of {transaction.consecutive})")
    url = f"{transaction.url}{transaction.write_path}"
    return PollResult.reached(TransactionServed(url=url, region=region or None, times=transaction.consecutive))


def _run_round(transaction: SyntheticTransaction, token: str | None, unique: str) -> str:
    body = {name: _fill_token(value, unique) for name, value in transaction.write_body.items()}
    written = _send_request(transaction, "POST", transaction.write_path, token, body)
    item_id = written.get("id")
    if not isinstance(item_id, str) or not item_id:
        raise _TransactionFailed("the response to the write has no id")
    region = str(written.get("region", ""))
    if transaction.served_by is not None and region != transaction.served_by:
        raise _TransactionFailed(f"written in {region or 'an unnamed Region'}, expected {transaction.served_by}")
    read = _send_request(transaction, "GET", transaction.read_path.replace("{id}", quote(item_id, safe="")), token)
    if read.get("id") != item_id:
        raise _TransactionFailed(f"{item_id} was written, and something else was read back")
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
    try:
        answer = send_request(
            method,
            address,
            timeout_seconds=transaction.request_timeout_seconds,
            headers=headers,
            body=None if body is None else json.dumps(body).encode(),
            verify_host=url.hostname if transaction.connect_to else None,
        )
    except NoAnswer as error:
        raise _TransactionFailed(f"{method} {path}: {error}") from error
    if answer.status >= _FIRST_NON_SUCCESS:
        raise _TransactionFailed(f"{method} {path} answered {answer.status}")
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        raise _TransactionFailed(f"{method} {path} did not return a JSON object")
    return document


def _fill_token(value: JsonValue, unique: str) -> JsonValue:
    return value.replace(_TOKEN, unique) if isinstance(value, str) else value
