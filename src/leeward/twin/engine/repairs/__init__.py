"""The repairs of moto's Step Functions interpreter, without which it cannot run on virtual time or differs from AWS.

Each repair is a function of its own; its docstring says what raw moto does. `tests/twin/engine/test_repairs.py` runs an
engine without each of them in turn, so a repair that moto no longer needs, or that no longer works, fails a test.
Repairs are written for one version of moto. May be imported by `twin.engine` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import moto

from leeward.twin.engine.repairs import (
    bodies,
    economy,
    execution_api,
    ids,
    memory,
    rebind,
    redrive_api,
    redriving,
    speed,
    stopping,
    timeouts,
)
from leeward.twin.errors import RepairFailed

MOTO = "5.2.5"
Repair = Callable[[], None]

# In this order: the later ones build on the clocks and threads that the first puts in place.
REPAIRS: tuple[Repair, ...] = (
    rebind.threads_and_clocks,
    rebind.clients_that_wait,
    ids.heap_keys,
    ids.task_tokens,
    ids.backend_ids,
    stopping.stop_wakes_states,
    stopping.stop_ends_back_off,
    stopping.abandoned_tasks_are_silent,
    stopping.event_quota,
    execution_api.default_name,
    execution_api.not_yet_begun,
    execution_api.abort_details,
    execution_api.failure_cause,
    execution_api.quoted_output,
    execution_api.timed_out_stop_date,
    execution_api.exact_timestamps,
    execution_api.end_announced,
    execution_api.events_announced,
    timeouts.heartbeat_timeout_name,
    timeouts.heartbeat_without_timeout,
    timeouts.answer_before_the_wait,
    timeouts.late_answers,
    redriving.execution_goes_on,
    redrive_api.redrive_execution,
    redrive_api.redrives_told,
    memory.ended_threads,
    memory.ended_backends,
    memory.spent_retries,
    speed.definitions_parsed_once,
    speed.quick_prediction,
    speed.paths_parsed_once,
    speed.clients_made_once,
    speed.failures_not_printed,
    speed.operations_listed_once,
    speed.signatures_not_computed,
    speed.attributes_found_at_once,
    economy.absent_members_passed_over,
    economy.backends_found_at_once,
    economy.request_ids_not_drawn,
    economy.user_agents_worded_once,
    economy.requests_made_at_once,
    economy.plain_values_copied,
    bodies.bodies_written_at_once,
)
_installed = False


def names() -> list[str]:
    """The names of all repairs, such as `stopping.stop_wakes_states`."""
    return [name_of(repair) for repair in REPAIRS]


def name_of(repair: Repair) -> str:
    """`module.function`."""
    return f"{repair.__module__.rsplit('.', 1)[-1]}.{repair.__name__}"


def install(without: Collection[str] = ()) -> None:
    """Put every repair in place, once per process. `without` leaves some out, for the tests. Raises RepairFailed."""
    global _installed  # noqa: PLW0603 - repairs change moto's modules, of which a process has one set
    if _installed:
        return
    if moto.__version__ != MOTO:
        raise RepairFailed(f"the twin repairs moto {MOTO}, but moto {moto.__version__} is installed")
    unknown = set(without) - set(names())
    if unknown:
        raise ValueError(f"no such repair: {', '.join(sorted(unknown))}")
    for repair in REPAIRS:
        if name_of(repair) not in without:
            repair()
    _installed = True
