"""The signed statement that proves who says it: made with the caller's own credentials (control.identity verifies)."""

from __future__ import annotations

from urllib.parse import urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from leeward.control.identity import ACTION, HEADER, LIFE_SECONDS, Statement, endpoint
from leeward.operations.reach import Reach


def prove(reach: Reach, statement: Statement, region: str) -> str:
    """A URL of STS in `region`, signed for a minute and for this statement alone. Raises NoCredentials."""
    frozen = reach.credentials()
    request = AWSRequest(
        method="GET", url=f"https://{endpoint(region)}/?{urlencode(ACTION)}", headers={HEADER: statement.digest}
    )
    credentials = Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)
    SigV4QueryAuth(credentials, "sts", region, expires=LIFE_SECONDS).add_auth(request)
    return str(request.url)
