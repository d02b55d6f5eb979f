"""boto3 clients, made once, and botocore's errors under our own names.

A client made with `allow_retries=False` sends each call once. botocore's default mode sends up to three times, so a
`StartRecovery` whose answer is lost would run twice and the caller would see one success: a call that has no
idempotency token must be sent once, and then reconciled.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NoReturn

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)

from leeward.base.client_timeouts import CONNECT_SECONDS, READ_SECONDS
from leeward.common import errors

_THROTTLED = {
    "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded", "TooManyRequestsException",
    "ProvisionedThroughputExceededException", "RequestThrottled", "SlowDown",
}  # fmt: skip
_DENIED = {
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure", "ExpiredToken",
    "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId", "NotAuthorized", "RequestExpired",
}  # fmt: skip
_BUSY = {
    "ConflictException",
    "PriorRequestNotComplete",
    "TransactionConflictException",
    "ResourceInUseException",
}
_QUOTA = {"ServiceQuotaExceededException", "ServiceLimitExceededException", "LimitExceededException"}
_UNAVAILABLE = {"EndpointTemporarilyUnavailableException", "InternalServerException", "ServiceUnavailable"}
_FIRST_SERVER_ERROR = 500


@lru_cache(maxsize=256)
def client(service: str, region: str, *, endpoint_url: str | None = None, allow_retries: bool = True) -> Any:
    """The boto3 client for `service` in `region`, made on first use.

    `allow_retries=False` for calls that are not idempotent. `endpoint_url` for services with their own endpoints
    (ARC clusters). Typed `Any` because boto3 makes clients at run time; callers annotate with boto3-stubs' types.
    """
    attempts = 3 if allow_retries else 1
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    return boto3.client(service, region_name=region, endpoint_url=endpoint_url, config=config)  # type: ignore[call-overload]


@contextmanager
def translate_errors(call: str) -> Iterator[None]:
    """Turn botocore's exceptions into the tree of `common.errors`; `call` is `service:Operation`, for the message.

    A member that the answer lacks (most are optional in the service models) is a SurprisingAnswer, so an answer is
    read inside. Any other exception that is neither a ClientError nor a BotoCoreError is a defect of ours, and passes.
    """
    try:
        yield
    except ClientError as error:
        _raise_translated(call, error)
    except (ReadTimeoutError, ConnectionClosedError) as error:
        raise errors.AnswerLost(f"{call}: no answer came ({error}); it may have been carried out") from error
    except (ConnectTimeoutError, EndpointConnectionError) as error:
        raise errors.ServiceUnavailable(f"{call}: the endpoint could not be reached ({error})") from error
    except NoCredentialsError as error:
        raise errors.AccessDenied(f"{call}: no AWS credentials were found") from error
    except KeyError as error:
        raise errors.SurprisingAnswer(f"{call}: the answer lacks {error}") from error
    except BotoCoreError as error:
        raise errors.Refused(f"{call}: {error}") from error


def error_code(error: ClientError) -> str:
    """`ConflictException`, `AccessDenied`, ... as AWS sent it."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _raise_translated(call: str, error: ClientError) -> NoReturn:
    code = error_code(error)
    message = str(error.response.get("Error", {}).get("Message", "")) or "no message"
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"{call}: {code}: {message}"
    if code in _THROTTLED:
        raise errors.Throttled(text) from error
    if code in _DENIED:
        raise errors.AccessDenied(f"{text}. Grant {call} to the task's role") from error
    if code in _BUSY:
        raise errors.Busy(text) from error
    if code in _QUOTA:
        raise errors.QuotaExceeded(text) from error
    if code in _UNAVAILABLE or status >= _FIRST_SERVER_ERROR:
        raise errors.ServiceUnavailable(text) from error
    if "NotFound" in code or code.startswith("NoSuch"):
        raise errors.NotFound(text) from error
    raise errors.Refused(text) from error
