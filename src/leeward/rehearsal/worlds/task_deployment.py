"""Creates Leeward's own resources in a Region: the journal table, the SNS topic, and the task functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from leeward.base.import_paths import load
from leeward.common.naming import resource_names
from leeward.kinds.registry import task_handler
from leeward.rehearsal.task_functions import list_task_names
from leeward.state_machines.deployment import readiness_event

if TYPE_CHECKING:
    from leeward.twin.engine import Engine

# The function timeout is longer than an AWS call with all its retries, and shorter than the TimeoutSeconds of the
# states.
_FUNCTION_SECONDS, _FUNCTION_LATENCY = 60, 0.4
_LONGER_TIMEOUTS = {readiness_event.TASK_NAME: readiness_event.FUNCTION_SECONDS}


def deploy_tasks(engine: Engine, region: str, application: str) -> None:
    """Create the table, the topic, and one function per task in `region`, with the names that a deployment uses."""
    table = resource_names.table_name(application)
    engine.client("dynamodb", region).create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    engine.client("dynamodb", region).update_continuous_backups(
        TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    topic = engine.client("sns", region).create_topic(Name=resource_names.topic_name(application))["TopicArn"]
    engine.client("sns", region).subscribe(TopicArn=topic, Protocol="email", Endpoint="on-call@example.com")
    environment = {
        "LEEWARD_TABLE": table,
        "LEEWARD_TOPIC_ARN": topic,
        "POWERTOOLS_SERVICE_NAME": "leeward",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_METRICS_NAMESPACE": "Leeward",
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }
    for task in list_task_names():
        with engine.importing_handlers():
            handler = _load_handler(task)
        # The generated state machines call the short name, which a deployment replaces. Operators use the full name.
        for name in (f"leeward-{task.replace('_', '-')}", resource_names.function_name(application, task)):
            engine.functions.register(
                region,
                name,
                handler,
                timeout_seconds=_LONGER_TIMEOUTS.get(task, _FUNCTION_SECONDS),
                latency_seconds=_FUNCTION_LATENCY,
                environment=environment,
                role=f"arn:aws:iam::{engine.account}:role/leeward/{application}/{task}/{name}-{region}",
            )


def _load_handler(task: str) -> Callable[[dict[str, Any], Any], Any]:
    """Return the handler. One that can't be loaded fails when it is called, as on Lambda, and not before."""
    try:
        handler: Callable[[dict[str, Any], Any], Any] = load(task_handler(task))
    except ImportError as error:
        raised = error

        def fail(_event: dict[str, Any], _context: Any) -> Any:
            raise raised

        return fail
    return handler
