"""The engine: moto's Step Functions interpreter, embedded and deterministic, on virtual time.

`baton` (over `scheduler`, `timers`) lets exactly one task run and owns the clock; `primitives` and
`threads` are what the interpreter gets in place of `threading`; `repairs` mend the interpreter; `functions` run Lambda
handlers in process; `executions` know how runs end; `takeover` is what of the process an open engine holds. May be
imported by `twin` alone.
"""

from twin.engine.clock import Appointment, Clock
from twin.engine.engine import ACCOUNT, Engine
from twin.engine.executions import Ended, HistoryEvent
from twin.engine.functions import Functions
from twin.engine.invocation import Context, Function, Invocation
from twin.engine.repairs.parsed import keep_in as keep_parsed_in
from twin.wire import Call, Fault, HttpAnswer

__all__ = [
    "ACCOUNT", "Appointment", "Call", "Clock", "Context", "Ended", "Engine", "Fault", "Function", "Functions",
    "HistoryEvent", "HttpAnswer", "Invocation", "keep_parsed_in",
]  # fmt: skip
