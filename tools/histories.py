"""Record what rehearsals do, and compare two records: the same seed must give the same history.

    python tools/histories.py record build/histories.json
    python tools/histories.py compare before.json build/histories.json

A record holds, for each rehearsal, every state that was entered, every AWS call, and the virtual time of each. Record
once before a change that must not alter behavior, once after it, and compare.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from itertools import zip_longest
from pathlib import Path

from leeward.rehearsal.runner.single_rehearsal import play_run, restore_origin
from leeward.rehearsal.scenarios.compiled_runbooks import load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.scenario_loader import default_scenario_name, load_scenario, load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession

ROOT = Path(__file__).resolve().parents[1]
# Application, runbook, scenario (None: the default), seed.
REHEARSALS: tuple[tuple[str, str, str | None, int], ...] = (
    ("website", "failover", None, 7),
    ("website", "failover", None, 8),
    ("website", "failover", "calm", 7),
    ("website", "failback", None, 7),
    ("website", "drill", None, 7),
    ("website", "failback-drill", None, 7),
    ("ticketing", "failover", None, 7),
    ("ticketing", "failover", "api-deleted", 7),
    ("ticketing", "failover", "health-switch", 9),
    ("ticketing", "failover-weighted", None, 7),
    ("ticketing", "failover-routing-control", None, 7),
    ("ticketing", "failback", None, 7),
    ("ticketing", "failback-weighted", None, 7),
    ("ticketing", "failback-routing-control", None, 7),
    ("ticketing", "drill", None, 7),
)
Row = tuple[object, ...]


def main() -> int:
    """Record or compare. Return 1 when two records differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("record").add_argument("file", type=Path)
    compare_command = commands.add_parser("compare")
    compare_command.add_argument("before", type=Path)
    compare_command.add_argument("after", type=Path)
    arguments = parser.parse_args()
    if arguments.command == "record":
        histories = {}
        for rehearsal in REHEARSALS:
            with redirect_stdout(io.StringIO()):  # hides the Lambda functions' logs
                histories[name_of(*rehearsal)] = record(*rehearsal)
            print(f"recorded {name_of(*rehearsal)}", flush=True)  # noqa: T201
        arguments.file.parent.mkdir(parents=True, exist_ok=True)
        arguments.file.write_text(json.dumps(histories, indent=0) + "\n", encoding="utf-8")
        return 0
    differences = list(compare(json.loads(arguments.before.read_text()), json.loads(arguments.after.read_text())))
    for line in differences or ["The histories are the same."]:
        print(line)  # noqa: T201
    return 1 if differences else 0


def name_of(application: str, runbook: str, scenario: str | None, seed: int) -> str:
    """Return the key of a rehearsal in a record."""
    return f"{application} {runbook} {scenario or 'default'} {seed}"


def record(application: str, runbook: str, scenario: str | None, seed: int) -> dict[str, list[Row]]:
    """Play one rehearsal, with the failover before a failback, and return its states and calls in order."""
    ready = load_committed_runbook(ROOT, application, runbook)
    before = prerequisite_runbooks(ROOT, ready)
    world = load_world_document(ROOT / "workloads", application)
    chosen = load_scenario(ROOT / "workloads", application, scenario or default_scenario_name(ready))
    with RehearsalSession(ready, world, chosen, seed, other_runbooks=before) as session:
        for earlier in before:
            play_run(session, earlier, "before", {})
            restore_origin(session)
        play_run(session, ready, "rehearsal", {})
        states = [row for run in session.runs for row in _states(session.engine.get_history(run.execution))]
        calls: list[Row] = [
            (call.at.isoformat(), call.caller, call.region, call.operation, call.outcome)
            for call in session.engine.interceptor.calls
        ]
    return {"states": states, "calls": calls}


def _states(events: Sequence[Mapping[str, object]]) -> Iterator[Row]:
    """Yield the time, type, and state of each event. Identifiers that a run only passes on are left out."""
    for event in events:
        details = next((v for k, v in event.items() if k.endswith("EventDetails") and isinstance(v, Mapping)), {})
        yield str(event["timestamp"]), event["type"], details.get("name") or details.get("error")


def compare(
    before: Mapping[str, Mapping[str, Sequence[object]]], after: Mapping[str, Mapping[str, Sequence[object]]]
) -> Iterator[str]:
    """Yield a line for each rehearsal that differs: where it first does, and how."""
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            yield f"{name}: only in the {'second' if name in after else 'first'} record"
            continue
        for kind in ("states", "calls"):
            pairs = enumerate(zip_longest(before[name][kind], after[name][kind]))
            first = next(((n, one, two) for n, (one, two) in pairs if list(one or ()) != list(two or ())), None)
            if first is not None:
                yield f"{name}: {kind} differ from number {first[0] + 1} on: {first[1]} became {first[2]}"


if __name__ == "__main__":
    sys.exit(main())
