"""The page docs/generated/performance.md, from the measurements of the benchmark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap
from typing import Any

from leeward.base.durations import format_duration
from tools.generate_docs import markdown_table
from tools.performance.budgets import BUDGETS, FLEET_CALL_SECONDS
from tools.performance.configurations import Configuration, list_configurations
from tools.performance.growth import fit_growth

Measurements = Mapping[str, Any]
_KIB, _MIB = 1024, 1024 * 1024
_INTRODUCTION = """\
# Performance

    make bench

measures every figure here and rewrites this page. It rehearses the failover of the website under realistic time, with
seed 7, in a process for each configuration. With several groups, the first is the database, which the others wait for.
Each group of web servers has a target group of its own. An operator skips a step that fails and asks.
"""
_COLUMNS = """\
- *Overhead* is the RTO without the time that no polling can shorten, which the next table has.
- *Calls* are all attempts of AWS calls by Leeward's functions, including the journal's.
- *Payload* is the largest input or output of a state or task. Step Functions allows 256 KiB.
- *Longest* is the longest invocation, including a cold start.
- *CPU* and *memory* are those of the process that rehearses, from its start to its end.
"""
_CRITICAL_PATH = """\
Overhead = RTO - (detection + approval + launches + target health + users).

- *Detection*: from the incident until the operator starts the run.
- *Approval*: how long the operator takes to answer.
- *Launches*: the slowest chain of groups that wait for each other. Each group counts from the creation of its slowest
  server's recovery job until that server's EC2 status checks have passed.
- *Target health*: the shortest time in which a load balancer finds a new target healthy.
- *Users*: from the change of the routing control until every client is served: propagation, TTL, kept connections.
"""
_BUDGETS = f"""\
The tests enforce these limits. A budget that is missed today is expected to be missed, and the test fails when it is
met, so that this table stays true. A run that fails, or in which a step is not done, meets no budget. With 300 servers,
each AWS call takes {FLEET_CALL_SECONDS * 1000:.0f} ms.
"""
_GROWN = {"Calls": "calls", "Transitions": "state_transitions", "Events": "history_events"}


def render_page(measurements: Measurements) -> str:
    """Return the text of the page. `measurements` has an entry for each configuration that was measured."""
    measured = [(at, measurements[at.name]) for at in list_configurations() if at.name in measurements]
    lines = [
        _INTRODUCTION,
        *_overview(measured),
        "",
        _COLUMNS,
        *_notes(measured),
        "## Overhead over the critical path",
        "",
        _CRITICAL_PATH,
        *_critical_paths(measured),
        "",
        "## Growth",
        "",
        "The least-squares fits of the configurations in which no step failed:",
        "",
        *_growth(measured),
    ]
    lines += ["", "## Budgets", "", _BUDGETS, *budget_table()]
    for at, figures in (measured[0], measured[-1]):
        lines += ["", f"## Steps: {at.name}", "", *_steps(figures)]
    return "\n".join(lines) + "\n"


def budget_table() -> list[str]:
    """Return the table of the budgets."""
    return markdown_table(("Rehearsal", "What", "At most", "Missed today"), [budget.row for budget in BUDGETS])


def total_calls(usage: Mapping[str, Any]) -> int:
    """Return the number of calls of a run or a step."""
    return sum(usage["api_calls"].values())


def _overview(measured: Sequence[tuple[Configuration, Any]]) -> list[str]:
    header = ("Servers", "Groups", "RTO", "Overhead", "Calls", "Transitions", "Invocations", "Events", "Payload",
              "Longest", "CPU", "Memory")  # fmt: skip
    return markdown_table(header, [_overview_row(at, figures) for at, figures in measured])


def _overview_row(at: Configuration, figures: Any) -> Sequence[str]:
    usage = figures["usage"]
    return (
        str(at.servers),
        str(at.groups),
        _duration(figures["rto_seconds"]),
        _duration(figures["overhead_seconds"]),
        f"{total_calls(usage):,}",
        f"{usage['state_transitions']:,}",
        f"{usage['lambda_invocations']:,}",
        f"{usage['history_events']:,}",
        f"{usage['largest_payload_bytes'] / _KIB:,.1f} KiB",
        f"{usage['longest_invocation_seconds']:.1f} s",
        f"{figures['cpu_seconds']:.1f} s",
        f"{figures['memory_bytes'] / _MIB:,.0f} MiB",
    )


def _notes(measured: Sequence[tuple[Configuration, Any]]) -> Iterator[str]:
    impossible = [at for at in list_configurations() if not at.is_possible]
    if impossible:
        names = " and ".join(f"{at.servers} servers in {at.groups} groups" for at in impossible)
        yield f"Impossible, and not measured: {names}."
        yield ""
    for at, figures in measured:
        problems = [f"the run {figures['outcome']} with `{figures['error']}`"] if figures["error"] else []
        problems += [f'"{step}" was not done' for step in figures["unmet_steps"]]
        problems += [f"the invariant `{name}` was violated" for name in figures["violated"]]
        if problems:
            yield from wrap(f"- {at.name}: {'; '.join(problems)}.", 120, subsequent_indent="  ")
    yield ""


def _critical_paths(measured: Sequence[tuple[Configuration, Any]]) -> list[str]:
    parts = ("detection", "approval", "launches", "target_health", "users")
    rows = [
        (
            str(at.servers),
            str(at.groups),
            _duration(figures["rto_seconds"]),
            *(_duration(figures["critical_path"][part]) for part in parts),
            _duration(figures["overhead_seconds"]),
        )
        for at, figures in measured
        if figures["critical_path"] is not None
    ]
    names = [part.replace("_", " ").capitalize() for part in parts]
    return markdown_table(("Servers", "Groups", "RTO", *names, "Overhead"), rows)


def _growth(measured: Sequence[tuple[Configuration, Any]]) -> Iterator[str]:
    whole = [(at, figures) for at, figures in measured if not (figures["error"] or figures["unmet_steps"])]
    for what, key in (*_GROWN.items(), ("Bytes of payload", "largest_payload_bytes")):
        points = [
            (at, float(total_calls(each["usage"]) if key == "calls" else each["usage"][key])) for at, each in whole
        ]
        growth = fit_growth(points)
        yield f"- {what}: too few configurations succeeded." if growth is None else f"- {growth.describe(what)}"


def _steps(figures: Any) -> list[str]:
    rows = [
        (
            step["name"],
            f"{total_calls(step):,}",
            f"{step['state_transitions']:,}",
            f"{step['lambda_invocations']:,}",
            f"{step['history_events']:,}",
        )
        for step in figures["usage"]["by_step"]
    ]
    return markdown_table(("Step", "Calls", "Transitions", "Invocations", "Events"), rows)


def _duration(seconds: float | None) -> str:
    return "not measured" if seconds is None else format_duration(round(seconds))
