"""What the models refuse: the place, what is wrong, what was expected, the nearest valid word."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

import pytest

from leeward.state_machines.diagnostics.problems import DocumentProblem, did_you_mean
from tests.state_machines.conftest import DocumentsCopy

# What is replaced, by what, where the problem is, and parts of its message and of what was expected; the whole hint.
Mistake: TypeAlias = tuple[str, str, str, str, str, str]


def expect(website: DocumentsCopy, file: str, wanted: list[str]) -> None:
    """The one problem there is."""
    at, message, expected, hint = wanted
    problem = website.only_problem()
    assert (problem.line, problem.column) == website.place_of(file, at)
    assert message in problem.message
    assert expected in problem.expected
    assert problem.hint == hint


ASK = "preflight\n    on_failure: ask"
RUNBOOK_MISTAKES = [
    ("kind: lock\n", "kind: loc\n", "loc\n", 'unknown kind "loc"', "lock, notify", 'did you mean "lock"?'),
    ("kind: lock\n", "kind: [lock]\n", "[lock]", "unknown kind a list", "lock", ""),
    ("timeout: 25m", "timeot: 25m", "timeot", 'unknown key "timeot"', "timeout", 'did you mean "timeout"?'),
    ("component: traffic", "component: 7", "7\n\n", "component is the number 7", "a text", "put it in quotes"),
    ("timeout: 25m", "timeout: 0s", "0s", "the duration is zero", "a longer one", ""),
    ("timeout: 25m", "timeout: 25", "25\n", "25 is not a duration", "d, h, m or s", ""),
    ("timeout: 25m", "timeout: -5m", "-5m", "'-5m' is not a duration", "d, h, m or s", ""),
    ("timeout: 25m", f"timeout: {'9' * 5000}m", "9" * 5000, "", "d, h, m or s", ""),
    ("timeout: 25m", "timeout: 99999d", "99999d", "longer than Step Functions can wait", "", ""),
    (ASK, ASK.replace("ask", "aks"), "aks", 'on_failure is "aks"', "undo", 'did you mean "ask"?'),
    (ASK, ASK.replace("ask", "no"), "no\n\n", 'on_failure is "no"', "stop, retry, ask", 'did you mean "undo"?'),
    (ASK, ASK.replace("ask", "7"), "7\n\n", "on_failure is the number 7", "stop, retry, ask", ""),
    (ASK, ASK.replace("ask", "{then: retry}"), "retry}", 'then is "retry"', "stop, ask", ""),
    (ASK, ASK.replace("ask", "{retry: 11}"), "11}", "retry is the number 11", "at most 10", ""),
    (ASK, ASK.replace("ask", "{retries: 1}"), "retries", "unknown key", "retry or then", 'did you mean "retry"?'),
    ("direction: failover", "direction: fialover", "fialover", "direction is", "failback", 'did you mean "failover"?'),
    ("from: target", "from: tagret", "tagret", 'from is "tagret"', "public", 'did you mean "target"?'),
    ("targets: [home-targets, catalogue-targets]", "targets: home-targets", "home-targets", "targets is", "a list", ""),
    ("name: Take the lock", f"name: {'x' * 61}", "x" * 61, "name has 61 characters", "at most 60", ""),
    ("name: Take the lock", 'name: " x"', '" x"', '" x" does not fit', "one line without spaces around it", ""),
]  # fmt: skip


@pytest.mark.parametrize("mistake", RUNBOOK_MISTAKES, ids=lambda mistake: str(mistake[1])[:40])
def test_runbook_mistakes(website: DocumentsCopy, mistake: Mistake) -> None:
    old, new, *wanted = mistake
    website.runbook(old, new)
    expect(website, "failover.yaml", wanted)


APPLICATION_MISTAKES = [
    ("rto: 30m", "rto: 0m", "0m", "the duration is zero", "a longer one", ""),
    ("rpo: 5m", "rpo: 0h", "0h", "the duration is zero", "a longer one", ""),
    ("rto: 30m", "rto: 0", "0\n  rpo", "0 is not a duration", "d, h, m or s", ""),
    ('"111122223333"', "111122223333", "111122223333\n", "account is the number", "a text", "put it in quotes"),
    ('"111122223333"', '"1111"', '"1111"', '"1111" does not fit', "an account id of 12 digits", ""),
    ("standby: us-west-2", "standby: uswest2", "uswest2", "does not fit", "the name of an AWS Region", ""),
    ("kind: arc.routing_controls", "kind: arc.routing_control", "arc.routing_control", "unknown kind",
     "alb.target_group, apigateway.rest_api, arc.routing_controls", 'did you mean "arc.routing_controls"?'),
    ("servers: {tags: {Application: website, Role: database}}", "servers: {tags: {}}", "{tags: {}}",
     "the selector is empty", "tags or ids", ""),
    ("servers: {tags: {Application: website, Role: database}}", "servers: {ids: []}", "{ids: []}",
     "the selector is empty", "tags or ids", ""),
    ("servers: {tags: {Application: website, Role: database}}", "servers: {ids: [s-12]}", "s-12",
     "not a source server id", "s- and 17", ""),
    ("servers: {tags: {Application: website, Role: database}}", "servers: {tag: {Role: a}}", "tag:",
     'unknown key "tag"', "tags or ids", 'did you mean "tags"?'),
    ("servers: {tags: {Application: website, Role: database}}", 'servers: {tags: {"a.$": run}}', '"a.$"',
     "cannot be a tag", "letters, digits", ""),
    ("  traffic:\n", "  Traffic:\n", "Traffic:", '"Traffic" does not fit', "small letters", ""),
    ("  traffic:\n", f"  {'t' * 41}:\n", "t" * 41, "41 characters", "at most 40", ""),
    ("https://eeeeeeee.", "eeeeeeee.", "eeeeeeee.", "does not fit", "a URL", ""),
    ("- {path: /, contains: Home}", "- {path: home, contains: Home}", "home, ", "is not a path", "starts with /", ""),
    ("- {path: /, contains: Home}", "- Home", "Home\n", 'an entry of pages is "Home"', "a mapping", ""),
]  # fmt: skip


@pytest.mark.parametrize("mistake", APPLICATION_MISTAKES, ids=lambda mistake: str(mistake[1])[:40])
def test_application_mistakes(website: DocumentsCopy, mistake: Mistake) -> None:
    old, new, *wanted = mistake
    website.application(old, new)
    expect(website, "application.yaml", wanted)


def test_expect_zero_servers_is_rejected(website: DocumentsCopy) -> None:
    website.application("Role: database}}\n    expect: 1", "Role: database}}\n    expect: 0")
    problem = website.only_problem()
    assert (problem.line, problem.column) == website.place_of("application.yaml", "0\n\n  home-page")
    assert str(problem).endswith("expect is the number 0; expected more than 0")


def test_port_out_of_range_is_rejected(website: DocumentsCopy) -> None:
    website.application("serves: home-page\n    port: 80", "serves: home-page\n    port: 80000")
    assert website.only_problem().expected == "at most 65535"


@pytest.mark.parametrize(("number", "bound"), [(1, "at least 2"), (6, "at most 5")])
def test_endpoint_count_must_be_two_to_five(website: DocumentsCopy, number: int, bound: str) -> None:
    text = website.file("application.yaml").read_text("utf-8")
    start, end = text.index("    endpoints:\n      us-east-1: https"), text.index("    controls:\n")
    lines = "".join(f"      us-east-{n}: https://x{n}.example.com/v1\n" for n in range(1, number + 1))
    website.file("application.yaml").write_text(text[:start] + "    endpoints:\n" + lines + text[end:], "utf-8")
    problem = website.only_problem()
    assert problem.message == f"endpoints has {number} entries"
    assert problem.expected == bound
    assert problem.line == text[:start].count("\n") + 2


def test_missing_key_is_reported_at_mapping_start(website: DocumentsCopy) -> None:
    website.application("  rto: 30m\n", "")
    problem = website.only_problem()
    assert problem.message == "rto is missing"
    assert problem.expected == "recovery time objective, such as 30m"
    assert (problem.line, problem.column) == website.place_of("application.yaml", "rpo: 5m")


def test_step_without_kind_gets_suggestion(website: DocumentsCopy) -> None:
    website.runbook("kind: lock\n", "knid: lock\n")
    problem = website.only_problem()
    assert problem.message == "kind is missing"
    assert problem.hint == 'did you mean "kind" by "knid"?'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "name: Take the lock")


def test_point_in_time_requires_zone(website: DocumentsCopy) -> None:
    website.runbook("timeout: 25m", "point_in_time: 2026-03-01T09:00:00")
    problem = website.only_problem()
    assert "has no time zone" in problem.message
    website.runbook("2026-03-01T09:00:00", "yesterday")
    assert "latest, or a time such as" in website.only_problem().expected


def test_all_problems_are_reported_together(website: DocumentsCopy) -> None:
    website.application("rto: 30m", "rto: 0m")
    website.application("serves: home-page\n    port: 80", "serves: home-page\n    port: 0")
    website.runbook("kind: lock\n", "kind: loc\n")
    website.runbook("timeout: 25m", "timeot: 25m")
    assert [problem.path.name for problem in website.problems()] == ["application.yaml"] * 2 + ["failover.yaml"] * 2


def test_problem_is_one_line() -> None:
    problem = DocumentProblem(Path("a.yaml"), 3, 7, "it is wrong", "right", "mend it")
    assert str(problem) == "a.yaml:3:7: error: it is wrong; expected right (mend it)"


@pytest.mark.parametrize(
    ("word", "hint"), [("DRS_recover", 'did you mean "drs.recover"?'), ("zebra", ""), (7, ""), ("", "")]
)
def test_nearest_word_is_suggested(word: object, hint: str) -> None:
    assert did_you_mean(word, ["drs.recover", "arc.route"]) == hint
