"""What stands in each Region before a run needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from statelint.linter import Linter

from leeward.infra.permissions import TASK_PERMISSIONS
from leeward.rehearsal.task_functions import list_task_names
from leeward.state_machines.build import GENERATED_FOLDER
from tests.infra.conftest import Template
from tests.infra.resources import definition, of_type, texts
from tests.state_machines.validators import asl_validator

ACCOUNT = "111122223333"
# AWS's own accounts, which write the load balancers' access logs in us-east-1 and us-west-2.
LOAD_BALANCERS = {"127311923021", "797873946194"}
REGIONS = {"us-east-1": {"failback", "failback-drill"}, "us-west-2": {"failover", "drill"}}


@pytest.fixture(scope="module", params=REGIONS)
def engine(request: pytest.FixtureRequest, website: dict[str, Template]) -> tuple[str, Template]:
    return request.param, website[f"leeward-website-engine-{request.param}"]


def machines(template: Template) -> dict[str, Mapping[str, Any]]:
    found = of_type(template, "AWS::StepFunctions::StateMachine").values()
    return {machine["StateMachineName"]: machine for machine in found}


def test_each_runbook_stands_in_the_region_that_it_enters(engine: tuple[str, Template]) -> None:
    region, template = engine
    assert set(machines(template)) == {f"website-{runbook}" for runbook in REGIONS[region]}


def test_what_is_deployed_is_what_is_committed(engine: tuple[str, Template]) -> None:
    """Nothing differs but the names of the functions, which carry the application's."""
    _, template = engine
    for name, machine in machines(template).items():
        runbook = name.removeprefix("website-")
        committed = (GENERATED_FOLDER / "website" / f"{runbook}.asl.json").read_text()
        deployed = definition(template, machine).replace('"leeward-website-', '"leeward-')
        assert json.loads(deployed) == json.loads(committed)
        assert "${" not in deployed


def test_the_state_machines_of_every_template_pass_both_validators(
    website: dict[str, Template], ticketing: dict[str, Template], tmp_path: Path
) -> None:
    """As they are deployed, with the functions' names filled in."""
    files = []
    for template in (*website.values(), *ticketing.values()):
        for name, machine in machines(template).items():
            text = definition(template, machine)
            assert Linter.validate(json.loads(text)) == [], name
            files.append(tmp_path / f"{name}.json")
            files[-1].write_text(text)
    deployed = {file.stem.partition("-")[0] for file in files}
    assert (deployed, len(files)) == ({"website", "ticketing"}, 7)
    done = asl_validator(files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_run_keeps_the_code_that_it_began_with(engine: tuple[str, Template]) -> None:
    """State machines name versions, which outlive the next deployment."""
    _, template = engine
    for machine in machines(template).values():
        for value in machine["DefinitionSubstitutions"].values():
            assert template["Resources"][value["Ref"]]["DeletionPolicy"] == "Retain"


def test_logs_hold_every_event_and_no_data(engine: tuple[str, Template]) -> None:
    """A question's state carries a task token: whoever reads it in a log could answer."""
    _, template = engine
    for machine in machines(template).values():
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert machine["TracingConfiguration"] == {"Enabled": True}
    assert all("RetentionInDays" in log for log in of_type(template, "AWS::Logs::LogGroup").values())


def test_each_task_has_a_function_a_role_and_a_log_of_its_own(engine: tuple[str, Template]) -> None:
    _, template = engine
    functions = of_type(template, "AWS::Lambda::Function").values()
    roles = [json.dumps(function["Role"]) for function in functions]
    logs = [json.dumps(function["LoggingConfig"]["LogGroup"]) for function in functions]
    assert len(set(roles)) == len(set(logs)) == len(list(functions)) > 10
    assert all(function["TracingConfig"] == {"Mode": "Active"} for function in functions)


def test_every_task_has_a_declaration_and_every_declaration_a_task() -> None:
    assert set(TASK_PERMISSIONS) == set(list_task_names())


def test_the_journal_stands_in_both_regions_restorable_and_under_a_key_of_each(website: dict[str, Template]) -> None:
    (table,) = of_type(website["leeward-website-journal"], "AWS::DynamoDB::GlobalTable").values()
    assert table["TableName"] == "leeward-website"
    assert [replica["Region"] for replica in table["Replicas"]] == sorted(REGIONS)
    for replica in table["Replicas"]:
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is True
        key = f"arn:aws:kms:{replica['Region']}:111122223333:alias/leeward-website"
        assert replica["SSESpecification"] == {"KMSMasterKeyId": key}
        aliases = of_type(website[f"leeward-website-engine-{replica['Region']}"], "AWS::KMS::Alias").values()
        assert [alias["AliasName"] for alias in aliases] == ["alias/leeward-website"]


def test_no_other_account_is_named(website: dict[str, Template]) -> None:
    for template in website.values():
        for text in texts(template):
            for part in text.replace("/", ":").split(":"):
                assert not (part.isdigit() and len(part) == 12) or part in {ACCOUNT, *LOAD_BALANCERS}, text
