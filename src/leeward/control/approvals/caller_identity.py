"""Who answers: an identity that AWS itself vouches for, never a name that the caller writes down.

The caller signs a request to STS (GetCallerIdentity) with their own credentials and hands the signed URL over; whoever
receives it sends it, and STS says who signed. One header is signed too: the digest of what is said. So the URL proves
this one statement and no other, cannot be made without the caller's credentials, and can do nothing but ask who its
signer is. (HashiCorp Vault's and Amazon EKS's way of proving an IAM identity.) STS takes it for fifteen minutes,
whatever the URL says of its life: what keeps a proof from being used again is that a question is answered once.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import urllib3
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from urllib3.exceptions import HTTPError

from leeward.common.errors import AccessDenied, AnswerLost, InvalidInput, SurprisingAnswer

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
    """What is said: the decision on a run's question, or that one has started the run."""

    run: str
    decision: str
    reason: str
    question: str | None = None

    @property
    def hex_digest(self) -> str:
        """SHA-256 over all of it, in hexadecimal."""
        said = json.dumps([self.run, self.question, self.decision, self.reason], ensure_ascii=True)
        return hashlib.sha256(said.encode()).hexdigest()


class CallerIdentity(BaseModel):
    """Whom STS names. Of a role's session, `user_id` ends with the session's name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    arn: str = Field(alias="Arn")
    account: str = Field(alias="Account")
    user_id: str = Field(alias="UserId")

    @property
    def session(self) -> str | None:
        """The name of a role's session: the person, where people get their roles from an identity provider."""
        return self.user_id.partition(":")[2] or None


def is_same_person(first: CallerIdentity, second: CallerIdentity) -> bool:
    """Whether two identities are one person's, as far as STS tells: one principal, or sessions of one name."""
    return first.user_id == second.user_id or (first.session is not None and first.session == second.session)


def sts_endpoint(region: str) -> str:
    """The host of STS in a Region."""
    return f"sts.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def verify_proof(url: str, statement: SignedStatement, *, region: str, account: str) -> CallerIdentity:
    """Who signed `url` for this very statement. Raises InvalidInput for what is no such proof, AccessDenied for a
    signature that STS refuses or a stranger to `account`, AnswerLost when STS does not answer."""
    asked = _validated_url(url, region)
    try:
        answer = urllib3.PoolManager().request(
            "GET",
            asked,
            headers={STATEMENT_HEADER: statement.hex_digest, "Accept": "application/json"},
            timeout=_TIMEOUT_SECONDS,
            retries=False,
            redirect=False,
        )
    except HTTPError as error:
        raise AnswerLost(f"STS in {region} did not say who signed: {error}") from error
    if answer.status != _OK:
        raise AccessDenied(
            f"STS refuses the proof of identity ({answer.status}): it has expired, was made for another answer, or its "
            "credentials are not valid"
        )
    who = _parse_identity(answer.data)
    if who.account != account:
        raise AccessDenied(f"{who.arn} is of account {who.account}, and the run of {account}")
    return who


def _validated_url(url: str, region: str) -> str:
    """The URL, put together anew of those parts that a proof may have: nothing else is ever asked for."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    given = dict(pairs)
    wanted = {**STS_ACTION, "X-Amz-SignedHeaders": f"host;{STATEMENT_HEADER}"}
    fits = (
        parts.scheme == "https"
        and parts.netloc == sts_endpoint(region)
        and parts.path in ("", "/")
        and len(pairs) == len(given)
        and set(given) - _OPTIONAL_PARAMETERS == _REQUIRED_PARAMETERS | set(STS_ACTION)
        and all(given.get(name) == value for name, value in wanted.items())
        and given["X-Amz-Expires"].isascii()
        and given["X-Amz-Expires"].isdigit()
        and 0 < int(given["X-Amz-Expires"]) <= PROOF_LIFETIME_SECONDS
    )
    if not fits:
        raise InvalidInput(
            f"the proof of identity is no GetCallerIdentity request to {sts_endpoint(region)}, signed for at most "
            f"{PROOF_LIFETIME_SECONDS} s with the header {STATEMENT_HEADER}: answer with `leeward`"
        )
    return f"https://{sts_endpoint(region)}/?{urlencode(pairs)}"


def _parse_identity(body: bytes) -> CallerIdentity:
    try:
        told = json.loads(body)["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
        return CallerIdentity.model_validate(told)
    except (ValueError, KeyError, TypeError, ValidationError) as error:
        raise SurprisingAnswer("sts:GetCallerIdentity: the answer names nobody") from error
