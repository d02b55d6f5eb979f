"""The rules of a runbook as a whole, and of its step kinds."""

from __future__ import annotations

import pytest

from tests.state_machines.conftest import Website

ARC_EAST = "arn:aws:route53-recovery-control::111122223333:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0/routingcontrol/1a2b3c4d5e6f7081"  # noqa: E501


# The runbook as a whole


def without_step(website: Website, start: str, end: str) -> None:
    text = website.file("failover.yaml").read_text("utf-8")
    website.file("failover.yaml").write_text(text[: text.index(start)] + text[text.index(end) :], "utf-8")


def test_no_traffic_step_where_the_application_has_traffic(website: Website) -> None:
    without_step(website, "  - name: Send the users", "  - name: Check as a user")
    problem = website.only()
    assert problem.message == "no step moves the users, although the application has traffic: traffic"
    assert problem.expected == "an arc.route or a route53.weights step"
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "steps:")


def test_a_drill_needs_no_traffic_step_and_may_have_none(website: Website) -> None:
    website.runbook("kind: drs.recover\n", "kind: drs.recover\n    mode: drill\n")
    without_step(website, "  - name: Replicate us-west-2", "  - name: Tell the team")
    # The alarm that starts a failover has no business with a drill: that is told too.
    (problem,) = [found for found in website.errors() if "moves traffic" in found.message]
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "name: Send the users to us-west-2")
    without_step(website, "  - name: Send the users", "  - name: Check as a user")
    assert not any("traffic" in found.message for found in website.errors())


def test_a_change_before_the_lock(website: Website) -> None:
    without_step(website, "  - name: Take the lock", "  - name: Check that the failover")
    problem = website.only()
    assert problem.message == '"Recover the servers" changes something before the lock is taken'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "name: Recover the servers")


def test_a_second_lock(website: Website) -> None:
    website.runbook("  - name: Tell the team", "  - {name: Again, kind: lock}\n\n  - name: Tell the team")
    assert website.only().message == "the lock is taken a second time"


def test_a_run_may_not_go_on_without_its_lock(website: Website) -> None:
    website.runbook("kind: lock\n", "kind: lock\n    on_failure: continue\n")
    problem = website.only()
    assert "without the lock" in problem.message
    assert problem.line == website.place_of("failover.yaml", "kind: lock")[0] + 1


@pytest.mark.parametrize(
    ("name", "message"), [("Take the lock", "has a name"), ("Take  the LOCK!", 'the id "take_the_lock"')]
)
def test_two_steps_of_one_name_or_id(website: Website, name: str, message: str) -> None:
    website.runbook("name: Tell the team", f"name: {name}")
    problem = website.only()
    assert message in problem.message
    assert f"in line {website.place_of('failover.yaml', 'kind: lock')[0] - 1} has already" in problem.message
    line = website.place_of("failover.yaml", "kind: notify")[0] - 1
    assert (problem.line, problem.column) == (line, 11)


def test_a_step_that_may_take_longer_than_the_runbook(website: Website) -> None:
    website.runbook("timeout: 25m", "timeout: 4h")
    whole, step = website.problems()
    assert step.message == "the step may take 4h, the whole runbook 3h"
    assert (step.line, step.column) == website.place_of("failover.yaml", "4h")
    assert "the steps together may take 8h52m" in whole.message, "two waves of 4h, and the other steps"
    assert (whole.line, whole.column) == website.place_of("failover.yaml", "3h  ")


def test_the_tries_count_in_the_sum(website: Website) -> None:
    website.runbook("timeout: 25m", "timeout: 25m\n    on_failure: {retry: 2, then: stop}")
    assert "3h22m" in website.only().message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("on_failure: ask", "on_failure: undo", "there is nothing to undo"),
        ("kind: lock\n", "kind: lock\n    on_failure: {retry: 1, then: undo}\n", "there is nothing to undo"),
        ("  - name: Check as a user would\n", "  - {name: Fix, kind: lambda.invoke, function: fix, on_failure: undo}\n"
         "  - name: Check as a user would\n", '"Fix" cannot be undone'),
    ],
)  # fmt: skip
def test_undo_where_nothing_can_be_undone(website: Website, old: str, new: str, message: str) -> None:
    website.runbook(old, new)
    problem = website.only()
    assert message in problem.message
    line = website.file("failover.yaml").read_text("utf-8").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith(("undo", "{retry"))
    assert ("undo" in problem.hint) == ("Fix" in message)


def test_http_check_needs_the_site(website: Website) -> None:
    text = website.file("application.yaml").read_text("utf-8")
    website.file("application.yaml").write_text(text[: text.index("# Where the checks")], "utf-8")
    needed = [found for found in website.problems() if found.message == "http.check needs the application's site"]
    first, _ = needed  # the alarm's own views of the site are told beside them
    assert (first.line, first.column) == website.place_of("failover.yaml", "name: Check that us-west-2 serves")


def test_http_check_of_a_page_that_the_site_lacks(website: Website) -> None:
    website.runbook("from: public ", "pages: [/, /catalog]\n    from: public ")
    problem = website.only()
    assert problem.message == 'the site has no page "/catalog"'
    assert problem.hint == 'did you mean "/catalogue"?'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "/catalog]")


def test_a_safety_rule_is_a_safety_rule(website: Website) -> None:
    website.runbook("component: traffic", f"component: traffic\n    safety_rules_to_override: [{ARC_EAST}]")
    problem = website.only()
    assert problem.expected == 'a "safetyrule"'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", ARC_EAST)


@pytest.mark.parametrize(
    ("step", "message", "at"),
    [
        ("function: 'a b'", "is no Lambda function", "'a b'"),
        ("function: arn:aws:lambda:us-east-1:111122223333:function:f", 'of Region "us-east-1"', "arn:aws:lambda"),
        ("function: arn:aws:sns:us-west-2:111122223333:topic", 'the ARN is of the service "sns"', "arn:aws:sns"),
        ("function: 'arn:nonsense'", "is not an ARN", "'arn:nonsense'"),
        ("function: f, undo: arn:aws:lambda:us-west-2:9:function:f", "is not 12 digits", "arn:aws:lambda"),
        ("function: f, input: {a: [{b.$: c}]}", 'the key "b.$" ends in .$', "b.$"),
        ("function: f, input: [a]", "input is a list", "[a]"),
    ],
)  # fmt: skip
def test_a_teams_function(website: Website, step: str, message: str, at: str) -> None:
    website.runbook(
        "  - name: Tell the team", f"  - {{name: Own, kind: lambda.invoke, {step}}}\n  - name: Tell the team"
    )
    problem = website.only()
    assert message in problem.message
    assert (problem.line, problem.column) == website.place_of("failover.yaml", at)


def test_a_wait_has_no_use_for_a_policy(website: Website) -> None:
    website.runbook(
        "  - name: Tell the team", "  - {name: Pause, kind: wait, for: 2m, on_failure: ask}\n  - name: Tell the team"
    )
    problem = website.only()
    assert "a wait has no use for on_failure" in problem.message
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "on_failure: ask}")


def test_groups_recovered_against_their_order(website: Website) -> None:
    website.runbook("groups: [database, home-page, catalogue-page]   #", "groups: [home-page, catalogue-page]   #")
    website.runbook(
        "  - name: Protect the", "  - {name: Late, kind: drs.recover, groups: [database]}\n  - name: Protect the"
    )
    first, second = website.problems()
    assert first.message == '"home-page" is recovered before "database", which must be up before it'
    assert second.message.startswith('"catalogue-page"')


def test_names_are_those_of_the_files(website: Website) -> None:
    website.runbook("runbook: failover", "runbook: fail-over")
    website.runbook("application: website", "application: webside")
    website.application("application: website\n", "application: site\n")
    messages = [problem.message for problem in website.problems()]
    assert messages == [
        'the application is called "site", its folder "website"',
        'the runbook is called "fail-over", its file "failover.yaml"',
        'the runbook is of "webside", its folder holds "site"',
    ]
