"""ACM certificates that exist when the simulation starts. moto would generate a key for each one, which is slow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from moto.acm.models import acm_backends


@dataclass
class Certificate:
    """One certificate, with the methods that moto's responses need. It can be described, but has no key."""

    arn: str
    domain: str
    expires_at: datetime
    status: str = "ISSUED"

    def check(self) -> None:
        """Do nothing. moto calls this method to validate a certificate, and this one is already issued."""

    def describe(self) -> dict[str, Any]:
        """Return the response of DescribeCertificate."""
        description = {
            "CertificateArn": self.arn,
            "DomainName": self.domain,
            "Status": self.status,
            "NotAfter": self.expires_at.timestamp(),
            "Type": "AMAZON_ISSUED",
        }
        return {"Certificate": description}


def seed_certificate(account: str, region: str, certificate: Certificate) -> Certificate:
    """Add the certificate to a Region, and return it."""
    acm_backends[account][region]._certificates[certificate.arn] = certificate
    return certificate
