"""Would a browser trust it, and for how long? One certificate of ACM."""

from __future__ import annotations

from datetime import timedelta

from leeward.base import durations
from leeward.base.arns import Arn
from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning

# ACM renews 60 days before the end; one that is not renewed a month before it is in trouble (ACM, "Managed renewal").
_RENEWED_BEFORE = timedelta(days=30)


def check_certificate(check: str, clients: CheckClients, region: str, arn: str) -> ReadinessFinding:
    """It is issued, and does not end soon. `check` names the finding."""
    subject = f"{Arn.parse(arn).resource} in {region}"
    try:
        with translate_errors("acm:DescribeCertificate"):
            found = clients.client("acm", region).describe_certificate(CertificateArn=arn)["Certificate"]
    except NotFound:
        return failed(check, subject, "the certificate does not exist", "request it anew in ACM")
    except LeewardError as error:
        return unknown(check, subject, f"it could not be read ({error})", "grant acm:DescribeCertificate")
    ends = found.get("NotAfter")
    if found.get("Status") != "ISSUED" or ends is None:
        fix = "ACM console: see why it is not issued; the DNS validation record must be in place"
        return failed(check, subject, f"its status is {found.get('Status')}", fix)
    left = ends - clients.now
    fix = "ACM console: see why it was not renewed; the DNS validation record must be in place"
    if left <= timedelta(0):
        return failed(check, subject, f"it expired on {ends:%Y-%m-%d}", fix)
    told = f"it holds until {ends:%Y-%m-%d}, {durations.format_duration(timedelta(days=left.days))}"
    return warning(check, subject, told, fix) if left < _RENEWED_BEFORE else ok(check, subject, told)
