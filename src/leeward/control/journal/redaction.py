"""Redacts secrets from text and facts before they are written, sent, or exported.

A journal is kept for years and shown to auditors, so redaction removes too much rather than too little. It recognizes
AWS credentials, presigned URLs, Step Functions task tokens, JSON web tokens, private keys, passwords in URLs, chat
webhook URLs, and every value under a name such as `password`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

REDACTED = "[redacted]"

# Values under these names are redacted, in facts and in `name=value` or `"name": "value"` within a text. Repetition is
# bounded so that no text makes the search slow. Excluded: Secrets Manager, its call, and an AWS error code.
_WORD = r"[\w-]{0,64}"
_SECRET_NAME_PATTERN = (
    r"(?!secretsmanager|getsecretvalue|expiredtoken)"
    rf"(?:{_WORD}(?:pass(?:word|wd|phrase)|secret|credential|api[_-]?key|private[_-]?key|authorization){_WORD}|{_WORD}token)"
)
_SECRET_NAME = re.compile(_SECRET_NAME_PATTERN, re.IGNORECASE)
_VALUE_PATTERN = r"\"[^\"]*\"|'[^']*'|(?:(?:bearer|basic)\s+)?[^\s,;&\"'}]"
_NAMED_SECRET = re.compile(
    rf"(?i)\b({_SECRET_NAME_PATTERN}[\"']?(?:\s*=\s*(?={_VALUE_PATTERN})|\s*:\s*(?=[\"']|[^\s,;&]{{8}})))({_VALUE_PATTERN}+)"
)
_SECRET_SHAPES = (
    re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/-]{16,}=*"),
    re.compile(r"(?<=://)[^/\s:@]{1,128}:[^/\s@]{1,256}(?=@)"),
    re.compile(r"(?<=hooks\.slack\.com/)(?:services|workflows|triggers)/\S+"),
    re.compile(r"\bxox[abeoprs]-[\w-]{8,}"),
    # A task token: base64 that is longer than any name that AWS allows.
    re.compile(r"[A-Za-z0-9+/=_-]{300,}"),
)
_SIGNED_URL = re.compile(r"(?i)\b(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+")


def redact(text: str) -> str:
    """Return `text` without secrets. Characters that UTF-8 can't encode are replaced."""
    text = text.encode("utf-8", "replace").decode()
    for shape in _SECRET_SHAPES:
        text = shape.sub(REDACTED, text)
    return _NAMED_SECRET.sub(rf"\1{REDACTED}", _SIGNED_URL.sub(rf"\1{REDACTED}", text))


def redact_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Return JSON facts without secrets, at every depth."""
    return {redact(str(name)): REDACTED if _is_secret(str(name), v) else _redact_value(v) for name, v in facts.items()}


def _is_secret(name: str, value: object) -> bool:
    return _SECRET_NAME.fullmatch(name) is not None and not isinstance(value, bool | int | float | None)


def _redact_value(value: object) -> object:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return redact_facts(value)
    if isinstance(value, Sequence):
        return [_redact_value(each) for each in value]
    return value
