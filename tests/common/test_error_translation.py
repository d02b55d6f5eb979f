"""botocore's errors become Leeward's named errors: those that a retry can help with, and those that it can't."""

from __future__ import annotations

from typing import Any

import pytest
from botocore import exceptions
from botocore.retries import standard

from leeward.cli.connection.operator_session import translate_operation_errors
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.common import errors
from leeward.common.aws.clients import client, renew_credentials, translate_errors
from leeward.common.aws.sdk.session import sdk_session
from leeward.operations.aws_session import NoCredentials, translate_aws_errors


def rejected(code: str, status: int = 400, **members: object) -> exceptions.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}},
        **members,
    }
    return exceptions.ClientError(response, "Operation")


def translated(error: Exception) -> errors.LeewardError:
    with pytest.raises(errors.LeewardError) as caught, translate_errors("drs:DescribeJobs"):
        raise error
    return caught.value


# A quota, which is no matter of time.
QUOTAS = {"LimitExceededException"}


@pytest.mark.parametrize(
    "code",
    sorted(
        {
            *standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
            *standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES,
        }
    ),
)
def test_codes_that_botocore_retries_are_transient(code: str) -> None:
    expected = errors.Permanent if code in QUOTAS else errors.Transient
    assert isinstance(translated(rejected(code)), expected)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_unknown_code_with_retryable_status_is_transient(status: int) -> None:
    assert isinstance(translated(rejected("SomethingNew", status)), errors.Transient)


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_unknown_code_with_other_status_is_permanent(status: int) -> None:
    assert isinstance(translated(rejected("SomethingNew", status)), errors.Permanent)


def test_quota_is_permanent_whatever_its_status() -> None:
    assert isinstance(translated(rejected("ServiceQuotaExceededException", 429)), errors.QuotaExceeded)


@pytest.mark.parametrize(
    ("members", "seconds"),
    [
        ({"retryAfterSeconds": "17"}, 17),  # DRS sends text
        ({"retryAfterSeconds": 3}, 3),
        ({"ResponseMetadata": {"HTTPStatusCode": 429, "HTTPHeaders": {"retry-after": "8"}}}, 8),
        ({"ResponseMetadata": {"HTTPHeaders": {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}}}, None),
        ({}, None),
    ],
)
def test_throttling_says_how_long_to_wait(members: dict[str, object], seconds: float | None) -> None:
    error = translated(rejected("ThrottlingException", 429, **members))
    assert isinstance(error, errors.Throttled)
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), errors.AnswerLost),
        (exceptions.ConnectionClosedError(endpoint_url="https://x"), errors.AnswerLost),
        (exceptions.HTTPClientError(error="reset by peer"), errors.AnswerLost),
        (exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), errors.AnswerLost),
        (exceptions.ConnectTimeoutError(endpoint_url="https://x"), errors.ServiceUnavailable),
        (exceptions.EndpointConnectionError(endpoint_url="https://x"), errors.ServiceUnavailable),
        (exceptions.ProxyConnectionError(proxy_url="https://x"), errors.ServiceUnavailable),
        (exceptions.SSLError(endpoint_url="https://x", error="handshake"), errors.ServiceUnavailable),
        (exceptions.CredentialRetrievalError(provider="container", error_msg="no"), errors.CredentialsExpired),
        (exceptions.NoCredentialsError(), errors.AccessDenied),
    ],
)
def test_failed_connection_is_named(error: Exception, expected: type[errors.LeewardError]) -> None:
    assert type(translated(error)) is expected


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"])
def test_expired_credentials_are_replaced(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "old")
    renew_credentials()
    assert key_of(client("dynamodb", "us-west-2")) == "old"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "new")
    assert key_of(client("dynamodb", "us-west-2")) == "old"
    assert isinstance(translated(rejected(code, 403)), errors.CredentialsExpired)
    assert key_of(client("dynamodb", "us-west-2")) == "new"
    renew_credentials()


def key_of(dynamodb: Any) -> str:
    credentials = dynamodb._request_signer._credentials
    return str(credentials.access_key)


def test_denied_call_names_what_to_grant() -> None:
    error = translated(rejected("AccessDeniedException", 403))
    assert isinstance(error, errors.AccessDenied)
    assert "Grant drs:DescribeJobs" in str(error)


def test_renewal_forgets_the_session() -> None:
    before = sdk_session()
    assert sdk_session() is before
    renew_credentials()
    assert sdk_session() is not before


@pytest.mark.parametrize("code", ["ExpiredToken", "ExpiredTokenException", "RequestExpired"])
def test_operator_with_expired_credentials_must_sign_in_again(code: str) -> None:
    """The Region responds, so it must not count as one that doesn't."""
    signed_out = pytest.raises(NoCredentials, match=r"credentials have expired.*aws sso login")
    with signed_out, translate_aws_errors("dynamodb:Query", "us-west-2"):
        raise rejected(code, 403)
    with pytest.raises(CliError) as shown, translate_operation_errors():
        raise NoCredentials("expired")
    assert shown.value.code == ExitCode.DENIED
