"""`acm`: certificates that are there when the world begins. moto would make a key for each, which takes time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.acm.models import acm_backends


@dataclass
class Certificate:
    """One certificate, as moto's answers ask for it. Only described: nobody takes its key."""

    arn: str
    domain: str
    expires_at: datetime
    status: str = "ISSUED"

    def check(self) -> None:
        """moto validates what was requested; this one has been."""

    def describe(self) -> dict[str, Any]:
        """DescribeCertificate's answer."""
        told = {
            "CertificateArn": self.arn,
            "DomainName": self.domain,
            "Status": self.status,
            "NotAfter": self.expires_at.timestamp(),
            "Type": "AMAZON_ISSUED",
        }
        return {"Certificate": told}


def seed_certificate(account: str, region: str, certificate: Certificate) -> Certificate:
    """Put it there."""
    acm_backends[account][region]._certificates[certificate.arn] = certificate
    return certificate
