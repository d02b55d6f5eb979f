"""Show a plan: the verdict, the steps with their share of the time, and the costs."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.state_machines.planning.run_plan import CostLine, PlannedStep, RunPlan

_BAR_WIDTH = 16


def show_plan(console: Console, plan: RunPlan) -> None:
    """Print the whole plan."""
    console.print(Text.assemble((f"{plan.application} {plan.runbook}", "bold"), f"  {plan.origin} -> {plan.target}"))
    console.print(_format_verdict(plan))
    console.print()
    console.print(_build_steps_table(plan))
    for step in plan.steps:
        for call in step.leaves_target:
            console.print(Text(f"step {step.number} calls outside {plan.target}: {call}", style="yellow"))
    for quota in plan.quotas:
        if quota.used > quota.default:
            text = f'needs {quota.used} of the quota "{quota.quota}", whose default is {quota.default}'
            console.print(Text(f"{text}: the rest waits for room, unless AWS raises it", style="yellow"))
    console.print()
    console.print(_format_costs("one run", plan.run_costs))
    console.print(_format_costs("standby per month", plan.month_costs))
    console.print(Text(f"not included: {'; '.join(plan.not_counted)}", style="dim"))


def _format_verdict(plan: RunPlan) -> Text:
    run_time = f"the run takes {_format_time(plan.p50_seconds)} (P50), {_format_time(plan.p95_seconds)} (P95)"
    if plan.rto_p50_seconds is None or plan.rto_p95_seconds is None:
        return Text(f"{run_time}; no users are affected")
    is_met = plan.rto_p95_seconds <= plan.rto_objective_seconds
    users = (
        f"users are affected for {_format_time(plan.rto_p50_seconds)} (P50), "
        f"{_format_time(plan.rto_p95_seconds)} (P95) from the start of the run, "
        f"the objective is {durations.format_duration(plan.rto_objective_seconds)}"
    )
    return Text.assemble((users, "green" if is_met else "bold red"), f"; {run_time}")


def _build_steps_table(plan: RunPlan) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for heading, justify in (("", "right"), ("step", "left"), ("P50", "right"), ("P95", "right"), ("share", "left")):
        table.add_column(heading, justify=justify, overflow="fold")  # type: ignore[arg-type]
    table.add_column("touches", overflow="fold")
    table.add_column("from", overflow="fold")
    for step in plan.steps:
        share = step.p50_seconds / plan.p50_seconds if plan.p50_seconds else 0
        table.add_row(
            str(step.number),
            Text.assemble(step.name, ("\n" + step.kind, "dim")),
            _format_time(step.p50_seconds),
            _format_time(step.p95_seconds),
            Text("█" * round(_BAR_WIDTH * share), style="red" if step.critical else "blue"),
            Text(_describe_touched(step)),
            step.source,
        )
    return table


def _describe_touched(step: PlannedStep) -> str:
    if step.waves:
        return ", then ".join(" + ".join(wave) for wave in step.waves)
    return "an operator answers" if step.asks else ", ".join(step.touches)


def _format_costs(label: str, lines: tuple[CostLine, ...]) -> Text:
    listed = ", ".join(f"{line.what} ${line.dollars:,.2f}" for line in lines)
    return Text.assemble((f"{label}: ${sum(line.dollars for line in lines):,.2f}", "bold"), f" ({listed})")


def _format_time(seconds: float) -> str:
    return durations.format_duration(round(seconds))
