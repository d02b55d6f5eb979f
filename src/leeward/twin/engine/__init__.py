"""The engine: moto's Step Functions interpreter, embedded and deterministic, on virtual time.

`baton` (over `scheduler`, `timers`) lets exactly one task run and owns the clock; `primitives` and
`threads` are what the interpreter gets in place of `threading`; `repairs` mend the interpreter; `functions` run Lambda
handlers in process; `executions` know how runs end; `takeover` is what of the process an open engine holds. May be
imported by `twin` alone.
"""

from leeward.twin.engine.clock import Appointment, Clock
from leeward.twin.engine.engine import ACCOUNT, Engine
from leeward.twin.engine.executions import Ended, HistoryEvent
from leeward.twin.engine.functions import Functions
from leeward.twin.engine.invocation import Context, Function, Invocation
from leeward.twin.engine.repairs.parsed import keep_in as keep_parsed_in
from leeward.twin.wire import Call, Fault, HttpAnswer

__all__ = [
    "ACCOUNT", "Appointment", "Call", "Clock", "Context", "Ended", "Engine", "Fault", "Function", "Functions",
    "HistoryEvent", "HttpAnswer", "Invocation", "keep_parsed_in",
]  # fmt: skip
