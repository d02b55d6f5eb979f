"""How long AWS calls take.

AWS publishes almost no latencies: DynamoDB's "single-digit millisecond" (DynamoDB Developer Guide, "What is Amazon
DynamoDB?") is the exception. All other values are assumed. They are chosen so that a call is never faster than what
users of these APIs report.
"""

from __future__ import annotations

import re

from leeward.twin.realism.realism_settings import SeededDraws

# Median milliseconds of a call that reads, by service, within a Region. Assumed, except for DynamoDB.
_READ_MILLISECONDS = {
    "dynamodb": 8,
    "s3": 30,
    "sqs": 15,
    "sns": 25,
    "events": 20,
    "secretsmanager": 25,
    "ssm": 30,
    "sts": 30,
    "stepfunctions": 40,
    "cloudwatch": 40,
    "cognito-idp": 80,
    "elbv2": 90,
    "ec2": 180,
    "drs": 250,
    "route53": 150,
    "route53-recovery-cluster": 60,
}
_OTHER_READ_MILLISECONDS = 120
# Median milliseconds of a call that changes something, where it takes longer than a read. Assumed.
_CHANGE_MILLISECONDS = {"ec2": 600, "drs": 900, "elbv2": 200, "route53": 400, "route53-recovery-cluster": 120}
_READS = re.compile(r"(Describe|List|Get|Batch[A-Z]|Search|Query|Scan|Simulate)")
# The standard deviation of the logarithm. With 0.5, one call in a hundred takes more than three times the median.
# Assumed.
_SPREAD = 0.5
# The longest latency. A slower call is a fault, such as `timed-out`.
_LONGEST_SECONDS = 4.0
# Median milliseconds of a round trip between Regions of one continent, and of different continents. Assumed, from
# public measurements between Regions (60 to 90 ms across North America, 150 to 250 ms between continents).
_SAME_CONTINENT_MILLISECONDS, _OTHER_CONTINENT_MILLISECONDS = 75, 200


class CallLatency:
    """Draws the latency of each call."""

    def __init__(self, draws: SeededDraws) -> None:
        self._draws = draws

    def draw_seconds(self, caller_region: str, region: str, service: str, operation: str) -> float:
        """Return how long a call from `caller_region` to `service` in `region` takes."""
        median = _median_milliseconds(service, operation) + _distance_milliseconds(caller_region, region)
        key = f"{region}|{service}:{operation}"
        return min(_LONGEST_SECONDS, self._draws.long_tailed(key, median, _SPREAD) / 1000)


def _median_milliseconds(service: str, operation: str) -> float:
    read = _READ_MILLISECONDS.get(service, _OTHER_READ_MILLISECONDS)
    return read if _READS.match(operation) else _CHANGE_MILLISECONDS.get(service, read)


def _distance_milliseconds(caller_region: str, region: str) -> float:
    if caller_region == region:
        return 0
    same_continent = caller_region.split("-", maxsplit=1)[0] == region.split("-", maxsplit=1)[0]
    return _SAME_CONTINENT_MILLISECONDS if same_continent else _OTHER_CONTINENT_MILLISECONDS
