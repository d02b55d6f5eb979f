"""The engine: moto's Step Functions interpreter, embedded and deterministic, on virtual time.

`baton` (over `scheduler`, `timers`) lets exactly one task run and owns the clock; `primitives` and
`threads` are what the interpreter gets in place of `threading`; `repairs` mend the interpreter; `functions` run Lambda
handlers in process; `executions` know how runs end; `takeover` is what of the process an open engine holds. May be
imported by `twin` alone.
"""

from leeward.twin.engine.engine import ACCOUNT, Engine
from leeward.twin.engine.lambda_runtime.function_registry import FunctionRegistry
from leeward.twin.engine.lambda_runtime.invocation import InvocationRecord, LambdaFunction, SimulatedLambdaContext
from leeward.twin.engine.moto_patches.performance.definition_cache import set_cache_folder as keep_parsed_in
from leeward.twin.engine.step_functions.executions import ExecutionResult, HistoryEvent
from leeward.twin.engine.virtual_clock import ScheduledCallback, VirtualClock
from leeward.twin.interception import AwsCall, FaultKind, HttpResponse

__all__ = [
    "ACCOUNT",
    "AwsCall",
    "Engine",
    "ExecutionResult",
    "FaultKind",
    "FunctionRegistry",
    "HistoryEvent",
    "HttpResponse",
    "InvocationRecord",
    "LambdaFunction",
    "ScheduledCallback",
    "SimulatedLambdaContext",
    "VirtualClock",
    "keep_parsed_in",
]  # fmt: skip
