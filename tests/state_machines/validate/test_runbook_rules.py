"""The rules of a runbook as a whole, and of its step kinds."""

from __future__ import annotations

import pytest

from tests.state_machines.conftest import DocumentsCopy
from tests.support.nonempty import nonempty

ARC_EAST = "arn:aws:route53-recovery-control::111122223333:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0/routingcontrol/1a2b3c4d5e6f7081"  # noqa: E501


# The runbook as a whole


def without_step(website: DocumentsCopy, start: str, end: str) -> None:
    text = website.file("failover.yaml").read_text("utf-8")
    website.file("failover.yaml").write_text(text[: text.index(start)] + text[text.index(end) :], "utf-8")


def test_failover_without_traffic_step_is_reported(website: DocumentsCopy) -> None:
    without_step(website, "  - name: Send the users", "  - name: Check as a user")
    problem = website.only_problem()
    assert problem.message == "no step moves the users, although the application has traffic: traffic"
    assert problem.expected == (
        "an api.in_service, api.out_of_service, arc.route, route53.shift or route53.weights step"
    )
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "steps:")


def test_drill_may_not_have_traffic_step(website: DocumentsCopy) -> None:
    website.runbook("kind: drs.recover\n", "kind: drs.recover\n    mode: drill\n")
    without_step(website, "  - name: Replicate us-west-2", "  - name: Tell the team")
    # The alarm that starts a failover has no business with a drill: that is told too.
    (problem,) = [found for found in website.errors() if "moves traffic" in found.message]
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "name: Send the users to us-west-2")
    without_step(website, "  - name: Send the users", "  - name: Check as a user")
    assert not any("traffic" in found.message for found in nonempty(website.errors()))


def test_change_before_lock_is_reported(website: DocumentsCopy) -> None:
    without_step(website, "  - name: Take the lock", "  - name: Check that the failover")
    problem = website.only_problem()
    assert problem.message == '"Recover the servers" changes something before the lock is acquired'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "name: Recover the servers")


def test_second_lock_is_reported(website: DocumentsCopy) -> None:
    website.runbook("  - name: Tell the team", "  - {name: Again, kind: lock}\n\n  - name: Tell the team")
    assert website.only_problem().message == "the lock is acquired a second time"


def test_continue_policy_on_lock_is_rejected(website: DocumentsCopy) -> None:
    website.runbook("kind: lock\n", "kind: lock\n    on_failure: continue\n")
    problem = website.only_problem()
    assert "without the lock" in problem.message
    assert problem.line == website.place_of("failover.yaml", "kind: lock")[0] + 1


@pytest.mark.parametrize(
    ("name", "message"), [("Take the lock", "has a name"), ("Take  the LOCK!", 'the id "take_the_lock"')]
)
def test_duplicate_step_name_or_id_is_reported(website: DocumentsCopy, name: str, message: str) -> None:
    website.runbook("name: Tell the team", f"name: {name}")
    problem = website.only_problem()
    assert message in problem.message
    assert f"on line {website.place_of('failover.yaml', 'kind: lock')[0] - 1} already has" in problem.message
    line = website.place_of("failover.yaml", "kind: notify")[0] - 1
    assert (problem.line, problem.column) == (line, 11)


def test_step_longer_than_runbook_is_reported(website: DocumentsCopy) -> None:
    website.runbook("timeout: 25m", "timeout: 6h")
    whole, step = website.problems()
    assert step.message == "the step may take 6h, the whole runbook 5h30m"
    assert (step.line, step.column) == website.place_of("failover.yaml", "6h")
    assert "the steps together may take 13h40m" in whole.message, "two waves of 6h, and the other steps"
    assert (whole.line, whole.column) == website.place_of("failover.yaml", "5h30m")


def test_retries_count_toward_timeout(website: DocumentsCopy) -> None:
    website.runbook("timeout: 25m\n    on_failure: ask", "timeout: 25m\n    on_failure: {retry: 4, then: stop}")
    assert "5h50m" in website.only_problem().message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("preflight\n    on_failure: ask", "preflight\n    on_failure: undo", "there is nothing to undo"),
        ("kind: lock\n", "kind: lock\n    on_failure: {retry: 1, then: undo}\n", "there is nothing to undo"),
        ("  - name: Check as a user would\n", "  - {name: Fix, kind: lambda.invoke, function: fix, on_failure: undo}\n"
         "  - name: Check as a user would\n", '"Fix" cannot be undone'),
    ],
)  # fmt: skip
def test_undo_policy_without_undo_is_rejected(website: DocumentsCopy, old: str, new: str, message: str) -> None:
    website.runbook(old, new)
    problem = website.only_problem()
    assert message in problem.message
    line = website.file("failover.yaml").read_text("utf-8").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith(("undo", "{retry"))
    assert ("undo" in problem.hint) == ("Fix" in message)


def test_http_check_requires_site(website: DocumentsCopy) -> None:
    text = website.file("application.yaml").read_text("utf-8")
    website.file("application.yaml").write_text(text[: text.index("# Where the checks")], "utf-8")
    needed = [found for found in website.problems() if found.message == "http.check needs the application's site"]
    first, _ = needed  # the alarm's own views of the site are told beside them
    assert (first.line, first.column) == website.place_of("failover.yaml", "name: Check that us-west-2 serves")


def test_http_check_of_unknown_page_is_reported(website: DocumentsCopy) -> None:
    website.runbook("from: public ", "pages: [/, /catalog]\n    from: public ")
    problem = website.only_problem()
    assert problem.message == 'the site has no page "/catalog"'
    assert problem.hint == 'did you mean "/catalogue"?'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "/catalog]")


def test_safety_rule_must_be_a_safety_rule_arn(website: DocumentsCopy) -> None:
    website.runbook("component: traffic", f"component: traffic\n    safety_rules_to_override: [{ARC_EAST}]")
    problem = website.only_problem()
    assert problem.expected == 'a "safetyrule"'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", ARC_EAST)


@pytest.mark.parametrize(
    ("step", "message", "at"),
    [
        ("function: 'a b'", "is not a Lambda function", "'a b'"),
        ("function: arn:aws:lambda:us-east-1:111122223333:function:f", 'of Region "us-east-1"', "arn:aws:lambda"),
        ("function: arn:aws:sns:us-west-2:111122223333:topic", 'the ARN is of the service "sns"', "arn:aws:sns"),
        ("function: 'arn:nonsense'", "is not an ARN", "'arn:nonsense'"),
        ("function: f, undo: arn:aws:lambda:us-west-2:9:function:f", "is not 12 digits", "arn:aws:lambda"),
        ("function: f, input: {a: [{b.$: c}]}", 'the key "b.$" ends in .$', "b.$"),
        ("function: f, input: [a]", "input is a list", "[a]"),
    ],
)  # fmt: skip
def test_invalid_custom_function_is_reported(website: DocumentsCopy, step: str, message: str, at: str) -> None:
    website.runbook(
        "  - name: Tell the team", f"  - {{name: Own, kind: lambda.invoke, {step}}}\n  - name: Tell the team"
    )
    problem = website.only_problem()
    assert message in problem.message
    assert (problem.line, problem.column) == website.place_of("failover.yaml", at)


def test_wait_with_timeout_is_rejected(website: DocumentsCopy) -> None:
    website.runbook(
        "  - name: Tell the team", "  - {name: Pause, kind: wait, for: 2m, timeout: 5m}\n  - name: Tell the team"
    )
    assert "timeout" in website.only_problem().message


def test_wait_with_policy_is_rejected(website: DocumentsCopy) -> None:
    website.runbook(
        "  - name: Tell the team", "  - {name: Pause, kind: wait, for: 2m, on_failure: ask}\n  - name: Tell the team"
    )
    problem = website.only_problem()
    assert "a wait has no use for on_failure" in problem.message
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "on_failure: ask}")


def test_recovery_against_group_order_is_reported(website: DocumentsCopy) -> None:
    website.runbook("groups: [database, home-page, catalogue-page]   #", "groups: [home-page, catalogue-page]   #")
    website.runbook(
        "  - name: Protect the", "  - {name: Late, kind: drs.recover, groups: [database]}\n  - name: Protect the"
    )
    first, second = website.problems()
    assert first.message == '"home-page" is recovered before "database", which must be running before it'
    assert second.message.startswith('"catalogue-page"')


def test_names_must_match_file_names(website: DocumentsCopy) -> None:
    website.runbook("runbook: failover", "runbook: fail-over")
    website.runbook("application: website", "application: webside")
    website.application("application: website\n", "application: site\n")
    messages = [problem.message for problem in website.problems()]
    assert messages == [
        'the application is called "site", its folder "website"',
        'the runbook is called "fail-over", its file "failover.yaml"',
        'the runbook is of "webside", its folder has "site"',
    ]
