"""Cached AWS clients, and the translation of botocore's errors into Leeward's named errors.

A client created with `allow_retries=False` sends each call once. botocore's default mode sends a call up to three
times. A `StartRecovery` whose response is lost would then run twice, and the caller would see one success. So a call
without an idempotency token must be sent once and then reconciled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, NoReturn

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    CredentialRetrievalError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    TokenRetrievalError,
    UnauthorizedSSOTokenError,
)

from leeward.base.client_timeouts import CONNECT_SECONDS, MAX_ATTEMPTS, READ_SECONDS
from leeward.common import errors
from leeward.common.aws import change_guard, signal_clients
from leeward.common.aws.sdk import session

# The codes that botocore retries, without those of the sets below that say more (botocore.retries.standard). Services
# add codes of their own, so a status of 429 means the same.
_THROTTLED = {
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "TooManyRequestsException",
    "ProvisionedThroughputExceededException", "RequestLimitExceeded", "BandwidthLimitExceeded", "RequestThrottled",
    "SlowDown", "EC2ThrottledException",
}  # fmt: skip
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"}
_DENIED = {
    "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure", "UnrecognizedClientException",
    "InvalidClientTokenId", "NotAuthorized",
}  # fmt: skip
_BUSY = {
    "ConflictException", "PriorRequestNotComplete", "TransactionConflictException", "TransactionInProgressException",
    "ResourceInUseException",
}  # fmt: skip
_QUOTA = {"ServiceQuotaExceededException", "ServiceLimitExceededException", "LimitExceededException"}
_UNAVAILABLE = {
    "EndpointTemporarilyUnavailableException", "InternalServerException", "ServiceUnavailable", "RequestTimeout",
    "RequestTimeoutException",
}  # fmt: skip
_TOO_MANY_REQUESTS, _FIRST_SERVER_ERROR = 429, 500


def client(service: str, region: str, *, endpoint_url: str | None = None, allow_retries: bool = True) -> Any:
    """Return the cached client for `service` in `region`.

    Pass `allow_retries=False` for calls that are not idempotent, and `endpoint_url` for services with their own
    endpoints (ARC clusters). Typed `Any` because botocore creates clients at run time; callers annotate the client with
    the types of boto3-stubs.
    """
    return cached_client(service, region, endpoint_url, allow_retries)


def create_client(service: str, region: str, endpoint_url: str | None, allow_retries: bool) -> Any:
    """Create a client. A client keeps the credentials and the handlers of the time when it was created."""
    attempts = MAX_ATTEMPTS if allow_retries else 1
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    sdk = session.sdk_session()
    created = sdk.create_client(service, region_name=region, endpoint_url=endpoint_url, config=config)
    created.meta.events.register("provide-client-params", change_guard.before_call)
    return created


cached_client = lru_cache(maxsize=256)(create_client)


def renew_credentials() -> None:
    """Let the next call of every client use new credentials. A client keeps those of the time when it was created."""
    cached_client.cache_clear()
    signal_clients.cached_signal_client.cache_clear()
    session.cached_session.cache_clear()


@contextmanager
def translate_errors(call: str) -> Iterator[None]:
    """Translate botocore's exceptions into those of `common.errors`. `call` is `service:Operation`, for the message.

    A KeyError becomes a SurprisingAnswer, because most members are optional in the service models. So read the response
    inside this context. Any other exception is a defect of Leeward and propagates unchanged.
    """
    try:
        yield
    except ClientError as error:
        _raise_translated(call, error)
    except (HTTPClientError, IncompleteReadError) as error:
        raise errors.AnswerLost(f"{call}: no response arrived ({error}); it may have been carried out") from error
    except ConnectionError as error:  # also of a proxy or TLS
        raise errors.ServiceUnavailable(f"{call}: the endpoint could not be reached ({error})") from error
    except NoCredentialsError as error:
        raise errors.AccessDenied(f"{call}: no AWS credentials were found") from error
    except KeyError as error:
        raise errors.SurprisingAnswer(f"{call}: the response lacks {error}") from error
    except (CredentialRetrievalError, TokenRetrievalError, UnauthorizedSSOTokenError) as error:
        renew_credentials()
        raise errors.CredentialsExpired(f"{call}: no valid credentials could be obtained ({error})") from error
    except BotoCoreError as error:
        raise errors.Refused(f"{call}: {error}") from error


def error_code(error: ClientError) -> str:
    """Return the error code that AWS sent, such as `ConflictException`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _retry_after(error: ClientError) -> float | None:
    """Return how long AWS asks to wait: a member of the error (DRS, ARC), or the HTTP header."""
    response: Mapping[str, Any] = error.response
    headers = response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    for value in (response.get("retryAfterSeconds"), headers.get("retry-after")):
        with suppress(ValueError):
            if value is not None:
                return max(0.0, float(value))
    return None


def _raise_translated(call: str, error: ClientError) -> NoReturn:
    code = error_code(error)
    message = str(error.response.get("Error", {}).get("Message", "")) or "no message"
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    text = f"{call}: {code}: {message}"
    if code in _EXPIRED:
        renew_credentials()
        raise errors.CredentialsExpired(text) from error
    if code in _THROTTLED or (status == _TOO_MANY_REQUESTS and code not in _QUOTA):
        raise errors.Throttled(text, retry_after_seconds=_retry_after(error)) from error
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
