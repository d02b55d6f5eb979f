"""The engine: moto's Step Functions interpreter, embedded and deterministic, on virtual time.

    scheduling         runs one task at a time and owns the virtual clock
    virtual_threads    replaces `threading` and `time` in the interpreter
    moto_patches       changes moto's interpreter where it differs from AWS, or would not be deterministic
    lambda_runtime     runs Lambda handlers in this process
    step_functions     tracks executions: their events, their ends, their position
    host_process       virtual clocks and seeded randomness of the process, and the watchdog
    patch_list         every patch that is applied while an engine is open

Only `leeward.twin` imports the subpackages. Other packages import the names below.
"""

from leeward.twin.engine.engine import ACCOUNT, Engine
from leeward.twin.engine.lambda_runtime.function_registry import FunctionRegistry
from leeward.twin.engine.lambda_runtime.invocation import InvocationRecord, LambdaFunction, SimulatedLambdaContext
from leeward.twin.engine.moto_patches.performance.definition_cache import set_cache_folder as cache_definitions_in
from leeward.twin.engine.patch_list import PATCHES
from leeward.twin.engine.step_functions.executions import ExecutionResult, HistoryEvent
from leeward.twin.engine.virtual_clock import ScheduledCallback, VirtualClock
from leeward.twin.interception import AwsCall, FaultKind, HttpResponse

__all__ = [
    "ACCOUNT",
    "PATCHES",
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
    "cache_definitions_in",
]  # fmt: skip
