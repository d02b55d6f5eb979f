"""Deploys synthesized CloudFormation templates to the simulated account, under the names that the templates give."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from leeward.twin.engine import Engine
from leeward.twin.errors import TwinError
from leeward.twin.templates.cloud_assembly import CloudAssembly, TemplateResource
from leeward.twin.templates.intrinsic_functions import SUB_VARIABLE

_FUNCTION, _MACHINE = "AWS::Lambda::Function", "AWS::StepFunctions::StateMachine"
_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
# A cold start and the network latency, as elsewhere on the twin.
_LATENCY_SECONDS = 0.4


class TemplateDeployment:
    """What one assembly deploys. Names and ARNs are those of the templates."""

    def __init__(
        self,
        assembly: CloudAssembly,
        *,
        own_stacks: CloudAssembly | None = None,
        is_own_handler: Callable[[str], bool] | None = None,
        extra_environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """`own_stacks` are the stacks whose tables, topics, queues, and buckets are created, by default all.

        `is_own_handler` returns whether a function with this `Handler` is registered, by default every function.
        `extra_environment` is added to each function's environment.
        """
        self.assembly = assembly
        self.own_stacks = assembly if own_stacks is None else own_stacks
        self._is_own_handler = is_own_handler
        self._extra_environment = extra_environment

    def install(self, engine: Engine) -> None:
        """Create the tables, topics, queues, and buckets, and register the functions, but no state machines."""
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
        """Yield the functions that `install` registers."""
        for function in self.assembly.resources(_FUNCTION):
            handler = str(function.properties.get("Handler", ""))
            if self._is_own_handler is None or self._is_own_handler(handler):
                yield function

    def find_state_machine(self, name: str) -> tuple[str, str]:
        """Return the Region and the definition (ASL) of the state machine `name`. Raises TwinError."""
        for machine in self.assembly.resources(_MACHINE):
            if machine.name == name:
                return machine.region, _state_machine_definition(machine.properties)
        raise TwinError(f"the synthesized templates have no state machine {name}: synthesize them again")

    def _table_definitions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for table in self.own_stacks.resources(*_TABLES):
            properties = table.properties
            parameters = {
                "TableName": table.name,
                "KeySchema": properties["KeySchema"],
                "AttributeDefinitions": properties["AttributeDefinitions"],
                "BillingMode": "PAY_PER_REQUEST",
            }
            for region in [replica["Region"] for replica in properties.get("Replicas", ())] or [table.region]:
                yield region, parameters

    def _register_function(self, engine: Engine, function: TemplateResource) -> None:
        properties = function.properties
        module, _, name = str(properties["Handler"]).rpartition(".")
        engine.functions.register(
            function.region,
            function.name,
            getattr(importlib.import_module(module), name),
            timeout_seconds=float(properties.get("Timeout", 3)),
            latency_seconds=_LATENCY_SECONDS,
            environment={**environment_variables(function), **self._extra_environment},
            memory_mb=int(properties.get("MemorySize", 128)),
            role=str(properties["Role"]) if "Role" in properties else None,
        )


def environment_variables(function: TemplateResource) -> dict[str, str]:
    """Return the environment variables that the template gives a function."""
    return {key: str(value) for key, value in function.properties.get("Environment", {}).get("Variables", {}).items()}


def _create_bucket(engine: Engine, bucket: TemplateResource) -> None:
    # us-east-1 has no location constraint (S3 API reference, CreateBucket).
    constraint = {} if bucket.region == "us-east-1" else {"LocationConstraint": bucket.region}
    options: dict[str, Any] = {"CreateBucketConfiguration": constraint} if constraint else {}
    engine.client("s3", bucket.region).create_bucket(Bucket=bucket.name, **options)


def _state_machine_definition(properties: Mapping[str, Any]) -> str:
    if "Definition" in properties:
        text = json.dumps(properties["Definition"])
    elif "DefinitionString" in properties:
        text = str(properties["DefinitionString"])
    else:
        raise TwinError("a state machine's definition is neither in Definition nor in DefinitionString")
    substitutions = properties.get("DefinitionSubstitutions", {})
    return SUB_VARIABLE.sub(lambda match: str(substitutions.get(match[2], match[0])), text)
