"""The rules that hold documents against each other: the place, the words, and all problems at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.state_machines.diagnostics.problems import Severity
from tests.state_machines.conftest import DocumentsCopy, copy_of_website

ALB_EAST = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/website-home/0a1b2c3d4e5f6071"
ARC_EAST = "arn:aws:route53-recovery-control::111122223333:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0/routingcontrol/1a2b3c4d5e6f7081"  # noqa: E501
ARC_WEST = ARC_EAST.replace("1a2b3c4d5e6f7081", "2b3c4d5e6f708192")


def test_the_sample_application_has_no_problem(tmp_path: Path) -> None:
    assert copy_of_website(tmp_path).problems() == []


# References


def test_unknown_component_is_reported(website: DocumentsCopy) -> None:
    website.runbook("component: traffic", "component: trafic")
    problem = website.only_problem()
    assert problem.message == 'unknown component "trafic"'
    assert problem.expected == "a component of kind arc.routing_controls: traffic"
    assert problem.hint == 'did you mean "traffic"?'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "trafic")


@pytest.mark.parametrize(
    ("old", "new", "at"),
    [
        ("component: traffic", "component: database", "database\n"),
        ("targets: [home-targets, catalogue-targets]", "targets: [home-targets, home-page]", "home-page]\n    timeout"),
        ("kind: preflight", "kind: preflight\n    groups: [traffic]", "traffic]"),
        ("groups: [database, home-page, catalogue-page]\n\n", "groups: [traffic]\n\n", "traffic]"),
    ],
)
def test_component_of_wrong_kind_is_reported(website: DocumentsCopy, old: str, new: str, at: str) -> None:
    website.runbook(old, new)
    problem = website.only_problem()
    assert "is of kind" in problem.message
    assert (problem.line, problem.column) == website.place_of("failover.yaml", at)


def test_order_with_unknown_group_is_reported(website: DocumentsCopy) -> None:
    text = website.file("application.yaml").read_text("utf-8")
    website.file("application.yaml").write_text(text.replace("after: [database]", "after: [databse]", 1), "utf-8")
    problem = website.only_problem()
    assert problem.message == 'unknown component "databse"'
    assert problem.hint == 'did you mean "database"?'
    assert (problem.line, problem.column) == website.place_of("application.yaml", "databse")


def test_duplicate_group_is_reported(website: DocumentsCopy) -> None:
    website.runbook("groups: [database, home-page, catalogue-page]   #", "groups: [database, home-page, database]   #")
    problem = website.only_problem()
    assert problem.message == '"database" is listed twice'
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "database]   #")


def test_empty_group_list_is_reported(website: DocumentsCopy) -> None:
    website.runbook("groups: [database, home-page, catalogue-page]   #", "groups: []   #")
    problem = website.only_problem()
    assert problem.message == "groups is empty"
    assert (problem.line, problem.column) == website.place_of("failover.yaml", "[]   #")


def test_target_group_without_server_group_is_reported(website: DocumentsCopy) -> None:
    website.application("serves: home-page", "serves: home-pages")
    problem = website.only_problem()
    assert problem.hint == 'did you mean "home-page"?'
    assert (problem.line, problem.column) == website.place_of("application.yaml", "home-pages")


def test_group_cycle_is_reported(website: DocumentsCopy) -> None:
    website.application("Role: database}}\n", "Role: database}}\n    after: [home-page]\n")
    problem = website.only_problem()
    assert problem.message == "the groups wait for each other: database after home-page after database"
    assert (problem.line, problem.column) == website.place_of("application.yaml", "[home-page]")


def test_group_after_itself_is_reported(website: DocumentsCopy) -> None:
    website.application("Role: database}}\n", "Role: database}}\n    after: [database]\n")
    assert website.only_problem().message == "the groups wait for each other: database after database"


# ARNs and Regions


@pytest.mark.parametrize(
    ("old", "new", "message", "expected"),
    [
        (ALB_EAST, ALB_EAST.replace("elasticloadbalancing", "elasticloadbalancer"),
         'the ARN is of the service "elasticloadbalancer"', '"elasticloadbalancing"'),
        (ALB_EAST, ALB_EAST.replace("us-east-1", "us-west-2"), 'the ARN is of Region "us-west-2"', '"us-east-1"'),
        (ALB_EAST, ALB_EAST.replace("us-east-1", ""), "the ARN names no Region", '"us-east-1"'),
        (ALB_EAST, ALB_EAST.replace("111122223333", "111122223334"), 'the ARN is of account "111122223334"',
         '"111122223333", the application\'s'),
        (ALB_EAST, ALB_EAST.replace("targetgroup", "rule"), 'the ARN is of a "rule"', 'a "targetgroup"'),
        (ARC_EAST, ARC_EAST.replace("l::", "l:us-west-2:"), 'the ARN is of Region "us-west-2"', "no Region"),
        (ARC_EAST, ARC_EAST.replace("routingcontrol/", "rule/"), "the ARN is of a", 'a "routingcontrol"'),
        (ARC_EAST, ARC_WEST, "the same routing control as for us-east-1", "another for each Region"),
        (ALB_EAST, "target-group/website", "'target-group/website' is not an ARN", "arn:partition:service"),
        (ALB_EAST, ALB_EAST.replace("111122223333", "1111"), "account '1111' is not 12 digits", "target group's ARN"),
    ],
)  # fmt: skip
def test_invalid_arn_is_reported(website: DocumentsCopy, old: str, new: str, message: str, expected: str) -> None:
    website.application(old, new)
    problem = website.only_problem()
    assert message in problem.message
    assert expected in problem.expected or expected == "target group's ARN"
    line, _ = website.place_of("application.yaml", "home-targets:" if old == ALB_EAST else "    controls:\n")
    assert problem.line > line


def test_an_arn_with_two_faults_gives_two_problems_at_its_place(website: DocumentsCopy) -> None:
    wrong = ALB_EAST.replace("us-east-1:1", "eu-west-1:9")
    website.application(ALB_EAST, wrong)
    assert [(problem.line, problem.column) for problem in website.problems()] == [
        website.place_of("application.yaml", wrong)
    ] * 2


def test_value_for_foreign_region_is_reported(website: DocumentsCopy) -> None:
    website.application(f"us-east-1: {ALB_EAST}", f"us-eest-1: {ALB_EAST}")
    unknown, missing = website.problems()
    assert unknown.message == '"us-eest-1" is not a Region of the application'
    assert unknown.hint == 'did you mean "us-east-1"?'
    assert (unknown.line, unknown.column) == website.place_of("application.yaml", "us-eest-1")
    assert missing.message == "no value for us-east-1"


def test_arc_requires_control_for_both_regions(website: DocumentsCopy) -> None:
    website.application(f"      us-east-1: {ARC_EAST}\n", "")
    problem = website.only_problem()
    assert problem.message == "no value for us-east-1"
    assert problem.line == website.place_of("application.yaml", "    controls:\n")[0] + 1


def test_equal_regions_are_reported(website: DocumentsCopy) -> None:
    website.application("standby: us-west-2", "standby: us-east-1")
    problem = website.only_problem()
    assert problem.message == "the standby Region is the primary Region, us-east-1"
    assert problem.line == website.place_of("application.yaml", "standby:")[0]


def test_expect_must_match_number_of_ids(website: DocumentsCopy) -> None:
    website.application(
        "servers: {tags: {Application: website, Role: database}}",
        "servers: {ids: [s-11111111111111111, s-22222222222222222]}",
    )
    assert website.only_problem().message == "expect is 1, but 2 ids are listed"


def test_group_by_tags_without_expect_is_a_warning(website: DocumentsCopy) -> None:
    selector = "    servers: {tags: {Application: website, Role: database}}\n"
    website.application(f"{selector}    expect: 1\n", selector)
    problem = website.only_problem()
    assert problem.severity is Severity.WARNING
    assert problem.message.startswith("the group has no expect")
    assert problem.line == website.place_of("application.yaml", selector)[0]


def test_second_arc_cluster_is_reported(website: DocumentsCopy) -> None:
    text = website.file("application.yaml").read_text("utf-8")
    start, end = text.index("  traffic:\n"), text.index("# Where the checks")
    second = text[start:end].replace("  traffic:", "  other:")
    website.file("application.yaml").write_text(text[:end] + second + text[end:], "utf-8")
    problem = website.only_problem()
    assert "a second component of the kind arc.routing_controls" in problem.message
