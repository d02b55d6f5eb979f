"""Parses Amazon Resource Names (ARNs): `arn:partition:service:region:account:resource`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_ACCOUNT = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Arn:
    """An ARN. `region` and `account` are empty for services without them: ARC routing controls have no Region."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Parse an ARN. Raises ValueError that names the invalid part."""
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":  # noqa: PLR2004 - an ARN has six parts
            raise ValueError(f"{text!r} is not an ARN; expected arn:partition:service:region:account:resource")
        _, partition, service, region, account, resource = parts
        if partition not in ("aws", "aws-cn", "aws-us-gov"):
            raise ValueError(f"{text!r}: partition {partition!r} is not one of aws, aws-cn, aws-us-gov")
        if not service:
            raise ValueError(f"{text!r} has no service (third part)")
        if account and not _ACCOUNT.fullmatch(account):
            raise ValueError(f"{text!r}: account {account!r} is not 12 digits")
        if not resource:
            raise ValueError(f"{text!r} has no resource (last part)")
        return cls(partition, service, region, account, resource)

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"
