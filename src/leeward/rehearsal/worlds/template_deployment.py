"""An assembly, put into the simulated account: what the templates say stands there, under the names that they give."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from leeward.common.naming.resource_names import PREFIX
from leeward.rehearsal.task_functions import find_task_name
from leeward.twin.engine import Engine
from leeward.twin.errors import TwinError
from leeward.twin.templates.cloud_assembly import CloudAssembly, TemplateResource
from leeward.twin.templates.intrinsic_functions import SUB_VARIABLE

_FUNCTION, _MACHINE = "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"
_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
_HANDLER_PREFIX = "leeward.lambdas."
# A cold start and the network, as elsewhere on the twin.
_LATENCY_SECONDS = 0.4
# What a function logs is read on AWS; traces and metrics go to services that the twin does not have.
_QUIET_ENVIRONMENT = {
    "POWERTOOLS_TRACE_DISABLED": "true",
    "POWERTOOLS_METRICS_DISABLED": "true",
    "POWERTOOLS_LOG_LEVEL": "CRITICAL",
}


class TemplateDeployment:
    """What one assembly deploys. Names and ARNs are those of the templates."""

    def __init__(self, assembly: CloudAssembly) -> None:
        self.assembly = assembly
        self.own_stacks = assembly.select_stacks(f"{PREFIX}-")
        """Leeward's own stacks: a sample application that has stacks of its own is built by its workload."""

    def install(self, engine: Engine) -> None:
        """Tables, topics, queues, buckets and functions of its own. State machines come with `machines`."""
        for region, table in self._table_definitions():
            engine.client("dynamodb", region).create_table(**table)
        for topic in self.own_stacks.resources("AWS::SNS::Topic"):
            engine.client("sns", topic.region).create_topic(Name=topic.name)
        for queue in self.own_stacks.resources("AWS::SQS::Queue"):
            engine.client("sqs", queue.region).create_queue(QueueName=queue.name)
        for bucket in self.own_stacks.resources("AWS::S3::Bucket"):
            _create_bucket(engine, bucket)
        for function in self.handler_functions():
            self._register_function(engine, function)

    def handler_functions(self) -> Iterator[TemplateResource]:
        """The functions that run Leeward's own code; those of a sample application are not its."""
        for function in self.assembly.resources(_FUNCTION):
            if str(function.properties.get("Handler", "")).startswith(_HANDLER_PREFIX):
                yield function

    def find_state_machine(self, name: str) -> tuple[str, str]:
        """The Region and the definition (ASL) of the state machine called `name`. Raises TwinError."""
        for machine in self.assembly.resources(_MACHINE):
            if machine.name == name:
                return machine.region, _state_machine_definition(machine.properties)
        raise TwinError(f"the synthesised templates have no state machine {name}: synthesise them again")

    def require_same_machine(self, name: str, compiled: str) -> None:
        """The state machine `name` must be `compiled` (ASL), but for the functions' names. Raises TwinError."""
        _, deployed = self.find_state_machine(name)
        if json.loads(deployed, object_hook=_replace_function_names) != json.loads(
            compiled, object_hook=_replace_function_names
        ):
            raise TwinError(
                f"the synthesised {name} is not what the documents compile to: the templates are older, or newer. "
                "Synthesise them again: `make synth`"
            )

    def function_environment(self, function: str) -> Mapping[str, str]:
        """The environment that a function of this name is deployed with. Raises TwinError."""
        for found in self.handler_functions():
            if found.name == function:
                return _environment_variables(found)
        raise TwinError(f"the synthesised templates have no function {function}: synthesise them again")

    def journal_table_name(self) -> str:
        """The name of the journal's table, as the functions are told it. Raises TwinError."""
        names = {_environment_variables(function).get("LEEWARD_TABLE", "") for function in self.handler_functions()} - {
            ""
        }
        if len(names) != 1:
            raise TwinError(f"the functions are told of {len(names)} journals: {', '.join(sorted(names))}")
        return names.pop()

    def _table_definitions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for table in self.own_stacks.resources(*_TABLES):
            given = table.properties
            told = {
                "TableName": table.name,
                "KeySchema": given["KeySchema"],
                "AttributeDefinitions": given["AttributeDefinitions"],
                "BillingMode": "PAY_PER_REQUEST",
            }
            for region in [replica["Region"] for replica in given.get("Replicas", ())] or [table.region]:
                yield region, told

    def _register_function(self, engine: Engine, function: TemplateResource) -> None:
        given = function.properties
        module, _, name = str(given["Handler"]).rpartition(".")
        engine.functions.register(
            function.region,
            function.name,
            getattr(importlib.import_module(module), name),
            timeout_seconds=float(given.get("Timeout", 3)),
            latency_seconds=_LATENCY_SECONDS,
            environment={**_environment_variables(function), **_QUIET_ENVIRONMENT},
            memory_mb=int(given.get("MemorySize", 128)),
            role=str(given["Role"]) if "Role" in given else None,
        )


def _create_bucket(engine: Engine, bucket: TemplateResource) -> None:
    # us-east-1 has no constraint of its own (S3 API reference, CreateBucket).
    where = {} if bucket.region == "us-east-1" else {"LocationConstraint": bucket.region}
    more: dict[str, Any] = {"CreateBucketConfiguration": where} if where else {}
    engine.client("s3", bucket.region).create_bucket(Bucket=bucket.name, **more)


def _replace_function_names(found: dict[str, Any]) -> dict[str, Any]:
    """A state's parameters with the task in place of the function that does it."""
    if "FunctionName" in found:
        name = str(found["FunctionName"])
        found["FunctionName"] = find_task_name(name) or name.removesuffix(":1").rpartition(":")[2]
    return found


def _environment_variables(function: TemplateResource) -> dict[str, str]:
    return {key: str(value) for key, value in function.properties.get("Environment", {}).get("Variables", {}).items()}


def _state_machine_definition(properties: Mapping[str, Any]) -> str:
    if "Definition" in properties:
        text = json.dumps(properties["Definition"])
    elif "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    else:
        raise TwinError("a state machine's definition is neither in Definition nor in DefinitionString")
    substitutions = properties.get("DefinitionSubstitutions", {})
    return SUB_VARIABLE.sub(lambda match: str(substitutions.get(match[2], match[0])), text)
