"""What stands in each Region before a run needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from statelint.linter import Linter

from leeward.infra.packaging import LAMBDA_TARGET
from leeward.kinds.descriptors.plugin import list_modules
from leeward.rehearsal.task_functions import list_task_names
from tests.infra.conftest import Template
from tests.infra.template_queries import all_texts, resolved_definition, resources_of_type
from tests.support.asl_validator import asl_validator
from tests.support.nonempty import nonempty
from tests.support.paths import GENERATED_FOLDER

ACCOUNT = "111122223333"
# AWS's own accounts, which write the load balancers' access logs in us-east-1 and us-west-2.
LOAD_BALANCERS = {"127311923021", "797873946194"}
REGIONS = {"us-east-1": {"failback", "failback-drill"}, "us-west-2": {"failover", "drill"}}


@pytest.fixture(scope="module", params=REGIONS)
def engine(request: pytest.FixtureRequest, website: dict[str, Template]) -> tuple[str, Template]:
    return request.param, website[f"leeward-website-engine-{request.param}"]


def machines(template: Template) -> dict[str, Mapping[str, Any]]:
    found = resources_of_type(template, "AWS::StepFunctions::StateMachine").values()
    return {machine["StateMachineName"]: machine for machine in found}


def test_runbooks_are_deployed_in_their_target_region(engine: tuple[str, Template]) -> None:
    region, template = engine
    assert set(machines(template)) == {f"website-{runbook}" for runbook in REGIONS[region]}


def test_deployed_state_machine_equals_committed_file(engine: tuple[str, Template]) -> None:
    """Nothing differs but the names of the functions, which carry the application's."""
    _, template = engine
    for name, machine in nonempty(machines(template).items()):
        runbook = name.removeprefix("website-")
        committed = (GENERATED_FOLDER / "website" / f"{runbook}.asl.json").read_text()
        deployed = resolved_definition(template, machine).replace('"leeward-website-', '"leeward-')
        assert json.loads(deployed) == json.loads(committed)
        assert "${" not in deployed


def test_deployed_state_machines_pass_external_validators(
    website: dict[str, Template], ticketing: dict[str, Template], tmp_path: Path
) -> None:
    """As they are deployed, with the functions' names filled in."""
    files = []
    for template in (*website.values(), *ticketing.values()):
        for name, machine in machines(template).items():
            text = resolved_definition(template, machine)
            assert Linter.validate(json.loads(text)) == [], name
            files.append(tmp_path / f"{name}.json")
            files[-1].write_text(text)
    deployed = {file.stem.partition("-")[0] for file in files}
    assert (deployed, len(files)) == ({"website", "ticketing"}, 7)
    done = asl_validator(files)
    assert done.returncode == 0, done.stdout + done.stderr


def test_function_versions_are_retained(engine: tuple[str, Template]) -> None:
    """State machines name versions, which outlive the next deployment."""
    _, template = engine
    for machine in nonempty(machines(template).values()):
        for value in machine["DefinitionSubstitutions"].values():
            assert template["Resources"][value["Ref"]]["DeletionPolicy"] == "Retain"


def test_execution_logs_have_all_events_and_no_data(engine: tuple[str, Template]) -> None:
    """A question's state carries a task token: whoever reads it in a log could answer."""
    _, template = engine
    for machine in nonempty(machines(template).values()):
        assert machine["LoggingConfiguration"]["Level"] == "ALL"
        assert machine["LoggingConfiguration"]["IncludeExecutionData"] is False
        assert machine["TracingConfiguration"] == {"Enabled": True}
    assert all(
        "RetentionInDays" in log for log in nonempty(resources_of_type(template, "AWS::Logs::LogGroup").values())
    )


def test_each_task_has_own_function_role_and_log_group(engine: tuple[str, Template]) -> None:
    _, template = engine
    functions = resources_of_type(template, "AWS::Lambda::Function").values()
    roles = [json.dumps(function["Role"]) for function in functions]
    logs = [json.dumps(function["LoggingConfig"]["LogGroup"]) for function in functions]
    assert len(set(roles)) == len(set(logs)) == len(list(functions)) > 10
    assert all(function["TracingConfig"] == {"Mode": "Active"} for function in functions)


def test_task_declarations_match_handlers() -> None:
    declared = {module.rpartition(".")[2] for module in list_modules("leeward.infra.permissions.tasks")}
    assert declared == set(nonempty(list(list_task_names())))


def test_journal_table_has_pitr_and_own_key_in_each_region(website: dict[str, Template]) -> None:
    (table,) = resources_of_type(website["leeward-website-journal"], "AWS::DynamoDB::GlobalTable").values()
    assert table["TableName"] == "leeward-website"
    assert [replica["Region"] for replica in table["Replicas"]] == sorted(REGIONS)
    for replica in table["Replicas"]:
        assert replica["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert replica["DeletionProtectionEnabled"] is True
        key = f"arn:aws:kms:{replica['Region']}:111122223333:alias/leeward-website"
        assert replica["SSESpecification"] == {"KMSMasterKeyId": key}
        aliases = resources_of_type(website[f"leeward-website-engine-{replica['Region']}"], "AWS::KMS::Alias").values()
        assert [alias["AliasName"] for alias in aliases] == ["alias/leeward-website"]


def test_templates_name_no_other_account(website: dict[str, Template]) -> None:
    for template in nonempty(website.values()):
        for text in all_texts(template):
            for part in text.replace("/", ":").split(":"):
                assert not (part.isdigit() and len(part) == 12) or part in {ACCOUNT, *LOAD_BALANCERS}, text


def test_functions_run_on_the_platform_that_the_assets_are_built_for(engine: tuple[str, Template]) -> None:
    _, template = engine
    functions = resources_of_type(template, "AWS::Lambda::Function").values()
    own = [each for each in functions if each.get("FunctionName", "").startswith("leeward-")]
    for each in nonempty(own):
        assert (each["Runtime"], each["Architectures"]) == ("python3.13", ["arm64"])
    assert (LAMBDA_TARGET.python, LAMBDA_TARGET.machine) == ("3.13", "aarch64")
