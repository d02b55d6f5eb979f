"""What stands between a handler and the simulated AWS: the one botocore hook, and everything that can go wrong there.

`hook` puts it in place; `wire` decides for each call; `faults`, `darkness` say what strikes it; `answers` writes AWS's
error answers in every wire protocol; `calls` keeps the log; `refusals` lets nothing through to the real network;
`plain_http` is the same seam for urllib3. May be imported by `twin` alone, and knows nothing of the engine: it is
handed a clock and asks it who calls.
"""

from leeward.twin.wire.calls import Call
from leeward.twin.wire.darkness import Darkness
from leeward.twin.wire.faults import Fault, Rule
from leeward.twin.wire.plain_http import HttpAnswer, HttpHandler
from leeward.twin.wire.wire import Surface, Wire

__all__ = ["Call", "Darkness", "Fault", "HttpAnswer", "HttpHandler", "Rule", "Surface", "Wire"]
