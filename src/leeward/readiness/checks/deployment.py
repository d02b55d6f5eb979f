"""Check that both Regions have the same deployment, and that no other run blocks the next one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import LeewardError, NotFound
from leeward.common.naming import resource_names
from leeward.control.locking import lock_records
from leeward.control.run.run_index import list_runs
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, unknown, warning
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput

_DEPLOY = "redeploy: make deploy APP=<application> ENV=<environment>"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check the functions, the journal table, and the topic in both Regions, and the application's lock."""
    regions = sorted({inputs.origin, inputs.region})
    yield from _check_functions(inputs, clients, regions)
    for region in regions:
        yield from _check_table(clients, region)
        yield _check_topic(clients, region)
    yield _check_lock(inputs, clients)


def _check_functions(inputs: ReadinessInput, clients: CheckClients, regions: list[str]) -> Iterator[ReadinessFinding]:
    """Check that both Regions have the same functions with the same code."""
    check = "deployment.functions"
    code: dict[str, dict[str, str]] = {}
    for region in regions:
        try:
            code[region] = _code_by_function(
                clients, region, inputs.functions or f"{resource_names.application_prefix(inputs.application)}-"
            )
        except LeewardError as error:
            yield unknown(
                check, region, f"the functions can't be listed ({error})", "check that this Region is available"
            )
    if len(code) < len(regions):
        return
    names = sorted({name for functions in code.values() for name in functions})
    if not names:
        yield failed(check, ", ".join(regions), "no function of this application is deployed", _DEPLOY)
        return
    for region in regions:
        missing = [name for name in names if name not in code[region]]
        if missing:
            yield failed(check, region, f"missing: {', '.join(missing)}", _DEPLOY)
        else:
            yield ok(check, region, f"{len(names)} functions")
    first, second = code[regions[0]], code[regions[-1]]
    differing = sorted(name for name in first.keys() & second.keys() if first[name] != second[name])
    if differing:
        detail = f"the code differs between {' and '.join(regions)}: {', '.join(differing)}"
        yield failed("deployment.same_code", ", ".join(regions), detail, _DEPLOY)
    else:
        yield ok("deployment.same_code", ", ".join(regions), "the same code in both Regions")


def _code_by_function(clients: CheckClients, region: str, prefix: str) -> dict[str, str]:
    code_by_function: dict[str, str] = {}
    with translate_errors("lambda:ListFunctions"):
        for page in clients.client("lambda", region).get_paginator("list_functions").paginate():
            code_by_function |= {
                str(function["FunctionName"]): str(function.get("CodeSha256", ""))
                for function in page["Functions"]
                if str(function["FunctionName"]).startswith(prefix)
            }
    return code_by_function


def _check_table(clients: CheckClients, region: str) -> Iterator[ReadinessFinding]:
    check, subject = "deployment.journal", f"{clients.table_name} in {region}"
    client = clients.client("dynamodb", region)
    try:
        with translate_errors("dynamodb:DescribeTable"):
            table: dict[str, Any] = client.describe_table(TableName=clients.table_name)["Table"]
        with translate_errors("dynamodb:DescribeContinuousBackups"):
            backups = client.describe_continuous_backups(TableName=clients.table_name)["ContinuousBackupsDescription"]
    except NotFound:
        yield failed(check, subject, "the journal table does not exist", _DEPLOY)
        return
    except LeewardError as error:
        yield unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
        return
    if table.get("TableStatus") != "ACTIVE":
        yield failed(
            check, subject, f"the table is {table.get('TableStatus')}", "check the table in the DynamoDB console"
        )
    else:
        yield ok(check, subject, "the table is ACTIVE")
    pitr = backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if pitr == "ENABLED":
        yield ok("deployment.journal_backup", subject, "point-in-time recovery is on")
    else:
        yield warning("deployment.journal_backup", subject, f"point-in-time recovery is {pitr}", _DEPLOY)


def _check_topic(clients: CheckClients, region: str) -> ReadinessFinding:
    check = "deployment.topic"
    arn = ":".join(part if index != 3 else region for index, part in enumerate(clients.topic.split(":")))  # noqa: PLR2004 - the Region's position in an ARN
    subject = f"{arn.rpartition(':')[2]} in {region}"
    try:
        with translate_errors("sns:ListSubscriptionsByTopic"):
            response = clients.client("sns", region).list_subscriptions_by_topic(TopicArn=arn)
    except NotFound:
        return failed(check, subject, "the topic does not exist, so operators get no notifications", _DEPLOY)
    except LeewardError as error:
        return unknown(check, subject, f"it can't be read ({error})", "check that this Region is available")
    confirmed = [s for s in response["Subscriptions"] if s["SubscriptionArn"] != "PendingConfirmation"]
    if not confirmed:
        fix = "subscribe the on-call operators to the topic, and confirm the subscriptions"
        return failed(check, subject, "no subscription is confirmed, so operators get no notifications", fix)
    return ok(check, subject, f"{len(confirmed)} confirmed subscriptions")


def _check_lock(inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    """Check that the lock is free. A held lock blocks the next run. Only a run that has not ended may hold it."""
    check = "deployment.lock"
    holders = sorted({holder.run for holder in lock_records.read_holders(clients.table, inputs.application).values()})
    if not holders:
        return ok(check, inputs.application, "free")
    open_runs = {run.run for run in list_runs(clients.table, inputs.application) if run.ended_at is None}
    if set(holders) <= open_runs:
        fix = "wait until the run ends, or abort it: leeward watch RUN, leeward abort RUN"
        return warning(check, inputs.application, f"held by {', '.join(holders)}, which has not ended", fix)
    fix = f'check how that run ended, then start the next run with the input {{"take_over": "{holders[0]}"}}'
    return failed(check, inputs.application, f"held by {', '.join(holders)}, which ended without releasing it", fix)


CHECK = ReadinessCheck("deployment", check)
