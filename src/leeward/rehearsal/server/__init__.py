"""Serves an application's world over HTTP: AWS calls, the control API below `/_twin/`, and the application's page.

Only `leeward.cli` and the tests import this package.
"""

from leeward.rehearsal.server.hosting.on_demand_incidents import InvalidIncident
from leeward.rehearsal.server.hosting.served_world import ServedWorld, load_served_world
from leeward.rehearsal.server.twin_server import TwinServer
from leeward.twin.server.transport.http_listener import PortUnavailable

__all__ = ["InvalidIncident", "PortUnavailable", "ServedWorld", "TwinServer", "load_served_world"]
