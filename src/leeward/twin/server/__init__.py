"""The twin over HTTP: one simulated world on a port of loopback, for any AWS client in any process.

    catalogue, addressing     whom a request is for: service and Region by its SigV4 scope, operation by its protocol
    answers                   what the server itself answers where no simulated service does
    door, mailbox             threads that speak HTTP, and the box through which they reach the one simulated thread
    calls                     one AWS call, carried out as a task of the simulation
    pacing, loop              virtual time against real time; the loop that serves and lets time pass
    world, runs               what is served: a world, the state machines of its runbooks, its users
    incidents                 darkness and faults on demand
    state, look               the whole world as JSON
    control                   the paths below `/_twin/`
    front                     the application's page and its API for a person's browser, on a port of its own
    serving                   all of it, opened and closed

Nothing outside loopback can reach it, no request that a web page could make is answered, and no call leaves for the
real network. Only `cli` and the tests may import this package.
"""

from leeward.rehearsal.server.hosting.on_demand_incidents import InvalidIncident
from leeward.rehearsal.server.hosting.served_world import ServedWorld, load_served_world
from leeward.rehearsal.server.twin_server import TwinServer
from leeward.twin.server.transport.http_listener import PortUnavailable

__all__ = ["InvalidIncident", "PortUnavailable", "ServedWorld", "TwinServer", "load_served_world"]
