"""No secret in the evidence: what looks like one is taken out before anything is written, sent or exported.

A journal is kept for years and shown to auditors, so this errs on the side of taking out too much. It knows AWS's
credentials and signed URLs, Step Functions' task tokens, JSON web tokens, private keys, passwords in addresses, the
webhook addresses of chats, and whatever stands under a name such as `password`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

REDACTED = "[redacted]"

# Under these names nothing is kept, in facts and in `name=value` or `"name": "value"` within a text. Bounded: no
# text makes the search slow. The service Secrets Manager, its call and an error code of AWS are no secrets.
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
    # A task token: base64, longer than any name that AWS allows.
    re.compile(r"[A-Za-z0-9+/=_-]{300,}"),
)
_SIGNED_URL = re.compile(r"(?i)\b(X-Amz-(?:Signature|Credential|Security-Token)=)[^&\s\"']+")


def redact(text: str) -> str:
    """`text` without secrets, and as UTF-8 can hold it."""
    text = text.encode("utf-8", "replace").decode()
    for shape in _SECRET_SHAPES:
        text = shape.sub(REDACTED, text)
    return _NAMED_SECRET.sub(rf"\1{REDACTED}", _SIGNED_URL.sub(rf"\1{REDACTED}", text))


def redact_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """JSON facts without secrets, however deep they lie."""
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
