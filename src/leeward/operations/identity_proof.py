"""Sign a statement with the caller's credentials, as proof of identity for `control.approvals.caller_identity`."""

from __future__ import annotations

from urllib.parse import urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from leeward.control.approvals.caller_identity import (
    PROOF_LIFETIME_SECONDS,
    STATEMENT_HEADER,
    STS_ACTION,
    SignedStatement,
    sts_endpoint,
)
from leeward.operations.aws_session import AwsSession


def sign_statement(aws: AwsSession, statement: SignedStatement, region: str) -> str:
    """Return a presigned STS URL in `region`, valid for a minute and for this statement only. Raises NoCredentials."""
    frozen = aws.read_credentials()
    request = AWSRequest(
        method="GET",
        url=f"https://{sts_endpoint(region)}/?{urlencode(STS_ACTION)}",
        headers={STATEMENT_HEADER: statement.hex_digest},
    )
    credentials = Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)
    SigV4QueryAuth(credentials, "sts", region, expires=PROOF_LIFETIME_SECONDS).add_auth(request)
    return str(request.url)
