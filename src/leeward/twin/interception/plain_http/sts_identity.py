"""Simulates STS for signed URLs, which prove the identity of an operator (control.approvals.caller_identity).

On the twin, the ID of the access key is the identity. Every key has the same secret, so that a signature can be
verified and a changed one is rejected. STS accepts a signed URL for fifteen minutes after its date, regardless of the
URL's own lifetime (aws-iam-authenticator, pkg/token: "presigned STS urls are valid for 15 minutes").
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

STS_HOST = re.compile(r"sts\.([a-z0-9-]+)\.amazonaws\.com")
SIGNING_SECRET = "twin"  # noqa: S105 - grants access to nothing
SIGNATURE_LIFETIME = timedelta(minutes=15)
# How far the signer's clock may be ahead (AWS Signature Version 4: requests more than 15 minutes ahead are refused).
_MAX_CLOCK_SKEW = timedelta(minutes=15)
StsResponse = tuple[int, Mapping[str, str], bytes]


def find_sts_region(url: str) -> str | None:
    """Return the Region of the STS that `url` calls, or None for any other URL."""
    found = STS_HOST.fullmatch(urlsplit(url).netloc)
    return found.group(1) if found else None


def answer_caller_identity(
    url: str, headers: Mapping[str, str], region: str, account: str, now: datetime
) -> StsResponse:
    """Return the response of GetCallerIdentity, or the rejection of the signature. `now` is the signer's time."""
    query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    signature, scope = query.pop("X-Amz-Signature", ""), query.get("X-Amz-Credential", "").split("/")
    names = query.get("X-Amz-SignedHeaders", "").split(";")
    headers_by_name = {name.lower(): value for name, value in headers.items()}
    signed = {name: headers_by_name.get(name, "") for name in names if name != "host"}
    request = AWSRequest("GET", f"https://sts.{region}.amazonaws.com/?{urlencode(query)}", headers=signed)
    request.context["timestamp"] = query.get("X-Amz-Date", "")
    auth = SigV4QueryAuth(Credentials(scope[0], SIGNING_SECRET), "sts", region)
    expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    if not hmac.compare_digest(expected, signature):
        return _make_signature_error("The request signature does not match")
    signed_at = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    if not -_MAX_CLOCK_SKEW <= now - signed_at < SIGNATURE_LIFETIME:
        return _make_signature_error(
            f"Signature expired, or not yet current: signed at {signed_at:%FT%TZ}, and it is {now:%FT%TZ}"
        )
    identity = {
        "Arn": f"arn:aws:iam::{account}:user/{scope[0]}",
        "UserId": f"AIDA{scope[0].upper()}",
        "Account": account,
    }
    body = {"GetCallerIdentityResponse": {"GetCallerIdentityResult": identity}}
    return 200, {"content-type": "application/json"}, json.dumps(body).encode()


def _make_signature_error(reason: str) -> StsResponse:
    error = {"Code": "SignatureDoesNotMatch", "Message": reason}
    return 403, {"content-type": "application/json"}, json.dumps({"Error": error}).encode()
