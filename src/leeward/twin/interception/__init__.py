"""Intercepts calls between a handler and simulated AWS, through one botocore hook, and injects faults there.

    botocore_hook        installs the hook
    aws_interceptor      decides for each call whether it is carried out
    engine_context       what interception needs from the engine
    faults               fault rules, Region outages, and AWS's error responses in every wire protocol
    calls                the call log, operation names, and call parameters
    unsimulated_calls    rejects a call that nothing simulates, so that none reaches the real network
    plain_http           the same interception for urllib3

Does not import the engine: the engine passes in a clock and the name of the calling function.
"""

from leeward.twin.interception.aws_interceptor import AwsInterceptor
from leeward.twin.interception.calls.aws_calls import AwsCall
from leeward.twin.interception.engine_context import EngineContext
from leeward.twin.interception.faults.fault_rules import FaultKind, FaultRule
from leeward.twin.interception.faults.outage_schedule import RegionOutage
from leeward.twin.interception.faults.service_outages import SERVICE_FAULTS, ServiceOutage
from leeward.twin.interception.plain_http.urllib3_interceptor import HttpHandler, HttpResponse

__all__ = [
    "SERVICE_FAULTS",
    "AwsCall",
    "AwsInterceptor",
    "EngineContext",
    "FaultKind",
    "FaultRule",
    "HttpHandler",
    "HttpResponse",
    "RegionOutage",
    "ServiceOutage",
]
