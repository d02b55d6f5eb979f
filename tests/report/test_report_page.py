"""The report: the journal's figures, no script, no network, whatever the names are, and small enough at 300 servers."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.run_claims import Ready
from leeward.common.claims.types.server_claims import Launched
from leeward.common.claims.types.traffic_claims import ControlsSwitched, Registered
from leeward.control.journal.hash_chain import find_breaks
from leeward.control.journal.run_journal import JournalEvent
from leeward.evidence.dependencies.dependency_table import DependencyTable, OutageTrial, ServiceDependency
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.evidence.model import Evidence, ExecutionGraph, StateEdge, StateNode
from leeward.evidence.storage import load_evidence
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.runner.single_rehearsal import rehearse
from leeward.report.drawing.colours import Colour
from leeward.report.drawing.value_format import format_duration
from leeward.report.page import render_page
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tests.support.sample_journals import GRAPH, RUN, evidence, failover, unnotified

HOSTILE_NAMES = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</svg></style><b>",
    "$x^2$ & \\frac",
    "🛟 日本語 ünï \u202etxt",
    "n" * 255,
    "{{ 7 * 7 }} {% raw %}",
]


class HtmlReader(HTMLParser):
    """What a browser would make of it: the tags, the attributes, the text that is seen."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read_html(text: str) -> HtmlReader:
    reader = HtmlReader()
    reader.feed(text)
    return reader


def figures(made: Evidence) -> Iterator[str]:
    """Every figure that the report must show."""
    yield format_duration(made.rto.measured_seconds)
    yield format_duration(made.rpo.measured_seconds)
    for step in made.steps:
        if step.started_at and step.ended_at:
            yield f"{step.started_at:%H:%M:%S}"
            yield format_duration((step.ended_at - step.started_at).total_seconds())
    for server in made.servers:
        yield server.id
        yield f"{server.recovery_point:%Y-%m-%d %H:%M:%S} UTC"
    for link in made.journal:
        yield f"{link.at:%H:%M:%S}"
    yield made.journal[-1].hash


def test_report_figures_match_journal() -> None:
    links = failover(30, 10)
    text = "\n".join(read_html(render_page([evidence(links)])).text)
    for figure in nonempty(figures(evidence(links))):
        assert figure in text
    assert f"{len(links)} entries" in text


def test_report_shows_what_the_runbook_needs_if_it_is_known() -> None:
    made = evidence(failover())
    stops = OutageTrial(outage_seconds=None, outcome="failed")
    table = DependencyTable(
        application=made.application, runbook=made.runbook, scenario="region-dark", seed=7, inputs="", clean_seconds=1,
        dependencies=[
            ServiceDependency(service="drs", region="us-west-2", calls=5, whole_run=stops, short=stops),
            ServiceDependency(service="kms", region="us-west-2", calls=0),
        ],
    )  # fmt: skip
    text = read_html(render_page([made], dependencies=[table])).text
    assert "What the run needs (leeward dependencies)" in text
    assert text[text.index("drs") - 1 : text.index("drs") + 4] == ["required", "drs", "us-west-2", "stops", "stops"]
    assert "kms" not in text
    other = table.model_copy(update={"runbook": "other"})
    assert "What the run needs" not in "\n".join(read_html(render_page([made], dependencies=[other])).text)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory: pytest.TempPathFactory) -> tuple[RehearsalResult, Evidence]:
    """One rehearsal, for all that is asked of its journal."""
    folder = tmp_path_factory.mktemp("rehearsals")
    result = rehearse(REPOSITORY, "website", "failover", history_dir=folder)
    return result, load_evidence(Path(result.evidence))


def test_rehearsal_report_matches_journal_and_result(rehearsed: tuple[RehearsalResult, Evidence]) -> None:
    """End to end: what the run wrote, what the rehearsal measured, and what stands in the report are the same."""
    result, made = rehearsed
    assert find_breaks(made.run, made.journal) == []
    assert (made.rto.measured_seconds, made.rpo.measured_seconds) == (
        result.rto.measured_seconds,
        result.rpo.measured_seconds,
    )
    assert made.traffic is not None
    assert (made.traffic.requests, made.traffic.failed) == (result.clients.requests, result.clients.failed)
    assert [(p.name, p.held) for p in made.promises] == [(i.name, i.held) for i in result.invariants]
    assert made.usage.api_calls == result.usage.api_calls
    assert sum(each.seconds for each in made.went) == pytest.approx(made.rto.measured_seconds, abs=2)
    by_step = {step.name: step for step in result.steps}
    for step in nonempty(made.steps):
        seen = by_step[step.name]
        assert step.status == seen.status.value
        for ours, theirs in ((step.started_at, seen.started_at), (step.ended_at, seen.ended_at)):
            assert ours is not None
            assert theirs is not None
            assert abs((ours - theirs).total_seconds()) <= 8  # a function takes its time, with a cold start
    launches = [claim for link in made.journal for claim in find_claims(link.facts, Launched)]
    assert {server.id for server in made.servers} == {server.id for claim in launches for server in claim.servers}
    text = "\n".join(read_html(render_page([made])).text)
    for figure in nonempty(figures(made)):
        assert figure in text


def test_journal_records_state_before_and_after_and_job_ids(
    rehearsed: tuple[RehearsalResult, Evidence],
) -> None:
    _, made = rehearsed
    done = {
        link.step: link for link in made.journal if link.event == JournalEvent.STEP_DONE and "part" not in link.facts
    }
    kinds = {step.kind: done[step.id] for step in made.steps if step.id in done}
    (ready,) = find_claims(kinds["preflight"].facts, Ready)
    (moved,) = find_claims(kinds["arc.route"].facts, ControlsSwitched)
    before = ready.routing_controls
    assert sorted(before) == sorted([*moved.on, *moved.off])
    assert {before[arn] for arn in nonempty(moved.off)} == {"On"}
    assert {before[arn] for arn in nonempty(moved.on)} == {"Off"}
    assert made.servers
    for server in made.servers:
        assert re.fullmatch(r"drsjob-[0-9a-f]{17}", server.job or "")
        assert re.fullmatch(r"i-[0-9a-f]{17}", server.instance or "")
    in_service = [claim for link in made.journal for claim in find_claims(link.facts, Registered)]
    output = {machine for claim in in_service for machine in claim.instances}
    assert output
    assert output <= {server.instance for server in made.servers}


def test_hostile_names_are_escaped() -> None:
    """Whatever a name holds, the page has the tags that it has with plain names, and every drawing is XML."""
    plain = read_html(render_page([evidence_with_names(["a", "b", "c", "d", "e", "f", "g"])]))
    text = render_page([evidence_with_names(HOSTILE_NAMES)])
    reader = read_html(text)
    assert sorted(reader.tags) == sorted(plain.tags)
    assert not [attr for attr, _ in nonempty(reader.attributes) if attr.startswith("on")]
    seen = "".join(reader.text)
    assert "{{ 7 * 7 }}" in seen
    assert "<script>alert(1)</script>" in seen
    assert "$x^2$ & \\frac" in seen
    drawings = re.findall(r"<svg .*?</svg>", text, re.DOTALL)
    assert len(drawings) == 5
    for drawing in drawings:
        ElementTree.fromstring(drawing.replace("xlink:href", "href"))


def evidence_with_names(names: list[str]) -> Evidence:
    """A failed run in which every name from outside is one of `names`."""
    links = failover(len(names) * 2, 2, names=names, reason=names[0], failed=1)
    nodes = [StateNode(name=name, type="Task", order=n) for n, name in enumerate(names, start=1)]
    edges = [StateEdge(start=a, end=b, taken=True) for a, b in pairwise(names)]
    drawn = ExecutionGraph(nodes=nodes, edges=edges)
    return evidence(links, graph=drawn, scenario=names[1], scenario_text=names[2], faults=names)


def test_report_loads_no_external_resources() -> None:
    text = render_page([evidence(failover(), graph=GRAPH)])
    reader = read_html(text)
    assert "script" not in reader.tags
    loaded = [value for name, value in reader.attributes if name in ("src", "href", "xlink:href", "data", "action")]
    assert all(value.startswith("#") for value in nonempty(loaded))
    assert not re.search(r"url\((?!#)", text)
    assert "default-src 'none'" in text


def test_report_follows_color_scheme_and_keeps_chart_text() -> None:
    text = render_page([evidence(failover())])
    assert not [colour for colour in Colour if colour.value in text]
    assert "var(--failed)" in text
    assert "prefers-color-scheme: dark" in text
    assert "Recover the servers</text>" in text
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))


def test_charts_have_aria_labels() -> None:
    text = render_page([evidence(failover())])
    labels = re.findall(r'<svg [^>]*role="img" aria-label="([^"]+)"', text)
    assert [label for label in labels if label.startswith("Requests over time: 3000 of 7500 failed")]
    assert [label for label in labels if "The critical path: " in label]


def test_report_of_300_servers_is_small_and_starts_with_summary() -> None:
    made = evidence(failover(300, 10, name="server-" + "x" * 60, failed=3), graph=GRAPH)
    began = time.process_time()
    text = render_page([made])
    assert time.process_time() - began < 10
    assert len(text.encode()) < 3_000_000
    first = "\n".join(read_html(text[: text.index("<h2>What the users saw")]).text)
    assert "shop failover failed: LaunchFailed in Recover the servers" in first
    assert "297 of 300" in first
    charts = re.findall(r"<svg .*?</svg>", text, re.DOTALL)
    assert max(len(chart) for chart in charts) < 200_000


def test_round_trip_report_links_to_each_run() -> None:
    text = render_page(
        [evidence(failover()), evidence(failover(failed=1))], differences=["a volume is left in us-west-2"]
    )
    reader = read_html(text)
    assert {"#run1", "#run2"} <= {value for name, value in reader.attributes if name == "href"}
    assert "a volume is left in us-west-2" in "".join(reader.text)
    assert "DID NOT PASS" in reader.text


def test_report_is_deterministic() -> None:
    made = evidence(failover(), graph=GRAPH)
    again = Evidence.model_validate(json.loads(made.model_dump_json()))
    assert render_page([made]) == render_page([again])
    assert made.run == RUN


def test_report_shows_messages_that_operators_did_not_get() -> None:
    page = render_page([build_evidence(RUN, unnotified())])
    text = " ".join(read_html(page).text)
    assert "Messages that operators did not get" in text
    assert "sns:Publish: <down>" in text
    assert "Messages that" not in " ".join(read_html(render_page([build_evidence(RUN, failover())])).text)
