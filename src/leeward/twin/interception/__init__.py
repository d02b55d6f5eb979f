"""What stands between a handler and the simulated AWS: the one botocore hook, and everything that can go wrong there.

`hook` puts it in place; `wire` decides for each call; `faults`, `darkness` say what strikes it; `answers` writes AWS's
error answers in every wire protocol; `calls` keeps the log; `refusals` lets nothing through to the real network;
`plain_http` is the same seam for urllib3. May be imported by `twin` alone, and knows nothing of the engine: it is
handed a clock and asks it who calls.
"""

from leeward.twin.interception.aws_interceptor import AwsInterceptor, EngineContext
from leeward.twin.interception.calls.aws_calls import AwsCall
from leeward.twin.interception.faults.fault_rules import FaultKind, FaultRule
from leeward.twin.interception.faults.outage_schedule import RegionOutage
from leeward.twin.interception.plain_http.urllib3_interceptor import HttpHandler, HttpResponse

__all__ = [
    "AwsCall",
    "AwsInterceptor",
    "EngineContext",
    "FaultKind",
    "FaultRule",
    "HttpHandler",
    "HttpResponse",
    "RegionOutage",
]
