"""Show a run: the verdict, the timeline of its journal, the decisions, and the longest activities."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from leeward.base.durations import format_duration as span
from leeward.cli.rendering.text_format import format_clock, strip_control_characters, strip_name_prefix, to_one_line
from leeward.evidence.model import Evidence, MeasuredObjective

_STYLES = {
    "failed": "failed",
    "done": "done",
    "answered": "asking",
    "asked": "asking",
    "lapsed": "asking",
    "waiting": "quiet",
    "lost": "warning",
}
# An entry that only says that the run is still waiting. Hidden without --all.
_WAITING_EVENT = "step.waiting"


def show_run(console: Console, evidence: Evidence, *, show_waiting: bool) -> None:
    """Print the run. `show_waiting` includes the entries that only say that the run is still waiting."""
    console.print(_format_title(evidence), soft_wrap=True)
    console.print(_format_objective("RTO", evidence.rto), soft_wrap=True)
    console.print(_format_objective("RPO", evidence.rpo), soft_wrap=True)
    for unmet in evidence.unmet_steps if evidence.outcome == "succeeded" else ():
        line = f"{to_one_line(unmet.name)} ({unmet.status}): {to_one_line(unmet.detail)}"
        console.print(Text(line, style="failed"), soft_wrap=True)
    for message in evidence.unsent_messages:
        line = to_one_line(f"the team could not be notified: {message.subject}: {message.error}")
        console.print(Text(line, style="warning"), soft_wrap=True)
    if evidence.cause and evidence.outcome != "succeeded":
        console.print()
        console.print(strip_control_characters(evidence.cause), soft_wrap=True)
    console.print()
    _show_timeline(console, evidence, show_waiting=show_waiting)
    if evidence.decisions:
        console.print()
        console.print("decisions", style="quiet")
        for decision in evidence.decisions:
            step = f"{decision.step}: " if decision.step else ""
            reason = f" ({decision.reason})" if decision.reason else ""
            text = to_one_line(f"{step}{decision.what}, by {decision.by}{reason}")
            console.print(f"  {format_clock(decision.at)}  {text}", soft_wrap=True)
    console.print()
    longest = [s for s in sorted(evidence.went, key=lambda s: s.seconds, reverse=True) if s.seconds >= 1][:5]
    if longest:
        activities = ", ".join(f"{span(s.seconds)} {to_one_line(s.text)}" for s in longest)
        console.print(f"longest activities: {activities}", style="quiet", soft_wrap=True)
    console.print(f"leeward report {evidence.run} | leeward export {evidence.run}", style="quiet", soft_wrap=True)


def _format_title(evidence: Evidence) -> Text:
    word, style = ("PASSED", "done") if evidence.passed else (evidence.outcome.upper(), "failed")
    if evidence.outcome == "running":
        style = "running"
    elif evidence.outcome == "succeeded" and not evidence.passed:
        word = "DID NOT PASS"
    text = Text(f"{word}  ", style=style)
    text.append(to_one_line(evidence.run), style="name")
    text.append(f"  {evidence.origin} -> {evidence.target}, {evidence.started_at:%Y-%m-%d %H:%M:%S} UTC")
    if evidence.scenario:
        text.append(f"  scenario {to_one_line(evidence.scenario)}, seed {evidence.seed}", style="quiet")
    return text


def _format_objective(name: str, objective: MeasuredObjective) -> Text:
    limit = span(objective.objective_seconds)
    if objective.measured_seconds is None:
        words = "never reached" if objective.missed else "not measured"
        text = Text(f"{name}  {words}, objective {limit}  ")
        text.append("NOT MET" if objective.missed else "unknown", style="failed" if objective.missed else "warning")
    else:
        text = Text(f"{name}  {span(objective.measured_seconds)} of {limit}  ")
        text.append("met" if objective.met else "NOT MET", style="done" if objective.met else "failed")
    text.append(f"  {objective.basis}", style="quiet")
    if objective.reason:
        text.append(f": {to_one_line(objective.reason)}", style="quiet")
    return text


def _show_timeline(console: Console, evidence: Evidence, *, show_waiting: bool) -> None:
    names = {step.id: step.name for step in evidence.steps}
    for link in evidence.journal:
        if link.event == _WAITING_EVENT and not show_waiting:
            continue
        step = to_one_line(names.get(link.step or "", link.step or ""))
        detail = strip_name_prefix(link.detail, step)
        part = to_one_line(str(link.facts.get("part") or ""))
        line = Text(f"{link.seq:>4}  {format_clock(link.at)}  ", style="quiet", no_wrap=True, overflow="ellipsis")
        line.append(f"{link.event:<20}", style=_STYLES.get(link.event.rsplit(".", 1)[-1], ""))
        line.append(step + (": " if step else ""), style="name")
        line.append(detail if not part or part in detail else f"{part}: {detail}")
        console.print(line)
