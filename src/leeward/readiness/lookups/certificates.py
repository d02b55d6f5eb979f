"""Check that an ACM certificate is issued and does not expire soon."""

from __future__ import annotations

from datetime import timedelta

from leeward.base import durations
from leeward.base.arns import Arn
from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning

# ACM starts to renew 60 days before expiry, so a certificate with 30 days left has a problem (ACM, "Managed renewal").
_MIN_REMAINING = timedelta(days=30)


def check_certificate(check: str, clients: CheckClients, region: str, arn: str) -> ReadinessFinding:
    """Return a finding named `check` for the certificate's status and expiry."""
    subject = f"{Arn.parse(arn).resource} in {region}"
    try:
        with translate_errors("acm:DescribeCertificate"):
            certificate = clients.client("acm", region).describe_certificate(CertificateArn=arn)["Certificate"]
    except NotFound:
        return failed(
            check,
            subject,
            "the certificate does not exist",
            "request a new certificate in ACM",
        )
    except LeewardError as error:
        return unknown(check, subject, f"it can't be read ({error})", "grant acm:DescribeCertificate")
    expiry = certificate.get("NotAfter")
    if certificate.get("Status") != "ISSUED" or expiry is None:
        fix = "ACM console: check why it is not issued; the DNS validation record must exist"
        return failed(check, subject, f"its status is {certificate.get('Status')}", fix)
    remaining = expiry - clients.now
    fix = "ACM console: check why it was not renewed; the DNS validation record must exist"
    if remaining <= timedelta(0):
        return failed(check, subject, f"it expired on {expiry:%Y-%m-%d}", fix)
    detail = f"it is valid until {expiry:%Y-%m-%d}, {durations.format_duration(timedelta(days=remaining.days))}"
    return warning(check, subject, detail, fix) if remaining < _MIN_REMAINING else ok(check, subject, detail)
