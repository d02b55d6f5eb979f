"""Verifies a caller's IAM identity with a presigned STS GetCallerIdentity URL.

The caller signs a GetCallerIdentity request with their own credentials and sends the signed URL. The receiver requests
that URL, and STS returns the signer's identity. The signature also covers one header, the digest of the statement. So
the URL proves only this statement, can't be created without the caller's credentials, and can't do anything else.
HashiCorp Vault and Amazon EKS prove IAM identities in the same way.

STS accepts the URL for 15 minutes, whatever lifetime the URL states. A proof can't be replayed, because a question is
answered only once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leeward.common.errors import AccessDenied, AnswerLost, InvalidInput, SurprisingAnswer
from leeward.common.web_requests import NoAnswer, send_request

STATEMENT_HEADER = "x-leeward-statement"
PROOF_LIFETIME_SECONDS = 60
STS_ACTION = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
_REQUIRED_PARAMETERS = {
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature",
}  # fmt: skip
_OPTIONAL_PARAMETERS = {"X-Amz-Security-Token"}
_OK, _TIMEOUT_SECONDS = 200, 8.0


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """The signed statement: a decision on a run's question, or that the signer started the run."""

    run: str
    decision: str
    reason: str
    question: str | None = None

    @property
    def hex_digest(self) -> str:
        """Return the SHA-256 digest of all fields, in hexadecimal."""
        content = json.dumps([self.run, self.question, self.decision, self.reason], ensure_ascii=True)
        return hashlib.sha256(content.encode()).hexdigest()


class CallerIdentity(BaseModel):
    """The identity that STS returned. The `user_id` of a role session ends with the session name."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    arn: str = Field(alias="Arn")
    account: str = Field(alias="Account")
    user_id: str = Field(alias="UserId")

    @property
    def session(self) -> str | None:
        """Return the role session name. It identifies the person if roles come from an identity provider."""
        return self.user_id.partition(":")[2] or None


def is_same_person(first: CallerIdentity, second: CallerIdentity) -> bool:
    """Return whether two identities belong to the same person: the same principal or the same session name."""
    return first.user_id == second.user_id or (first.session is not None and first.session == second.session)


def sts_endpoint(region: str) -> str:
    """Return the host name of STS in a Region."""
    return f"sts.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def verify_proof(url: str, statement: SignedStatement, *, region: str, account: str) -> CallerIdentity:
    """Return the identity that signed `url` for `statement`.

    Raises InvalidInput when `url` is not such a proof, AccessDenied when STS rejects the signature or the signer is not
    in `account`, and AnswerLost when STS does not respond.
    """
    request_url = _validated_url(url, region)
    try:
        response = send_request(
            "GET",
            request_url,
            timeout_seconds=_TIMEOUT_SECONDS,
            headers={STATEMENT_HEADER: statement.hex_digest, "Accept": "application/json"},
        )
    except NoAnswer as error:
        raise AnswerLost(f"STS in {region} did not confirm the identity: {error}") from error
    if response.status != _OK:
        raise AccessDenied(
            f"STS rejected the proof of identity (status {response.status}). It has expired, was signed for another "
            "answer, or was signed with invalid credentials"
        )
    identity = _parse_identity(response.body)
    if identity.account != account:
        raise AccessDenied(f"{identity.arn} belongs to account {identity.account}, but the run belongs to {account}")
    return identity


def _validated_url(url: str, region: str) -> str:
    """Return the URL rebuilt from the parts that a proof may have, so that nothing else can be requested.

    Raises InvalidInput.
    """
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    parameters = dict(pairs)
    expected = {**STS_ACTION, "X-Amz-SignedHeaders": f"host;{STATEMENT_HEADER}"}
    is_valid = (
        parts.scheme == "https"
        and parts.netloc == sts_endpoint(region)
        and parts.path in ("", "/")
        and len(pairs) == len(parameters)
        and set(parameters) - _OPTIONAL_PARAMETERS == _REQUIRED_PARAMETERS | set(STS_ACTION)
        and all(parameters.get(name) == value for name, value in expected.items())
        and parameters["X-Amz-Expires"].isascii()
        and parameters["X-Amz-Expires"].isdigit()
        and 0 < int(parameters["X-Amz-Expires"]) <= PROOF_LIFETIME_SECONDS
    )
    if not is_valid:
        raise InvalidInput(
            f"the proof of identity is not a GetCallerIdentity request to {sts_endpoint(region)} that is signed for "
            f"at most {PROOF_LIFETIME_SECONDS} s with the header {STATEMENT_HEADER}. Use `leeward` to answer"
        )
    return f"https://{sts_endpoint(region)}/?{urlencode(pairs)}"


def _parse_identity(body: bytes) -> CallerIdentity:
    try:
        result = json.loads(body)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
        return CallerIdentity.model_validate(result)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise SurprisingAnswer("sts:GetCallerIdentity: the response contains no identity") from error
