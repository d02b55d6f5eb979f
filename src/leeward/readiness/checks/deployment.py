"""Does all that a run needs stand in both Regions, the same in each, and is nothing in its way?"""

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
from leeward.readiness.model.readiness_input import ReadinessInput

_DEPLOY = "deploy again: make deploy APP=<application> ENV=<environment>"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """The functions, the journal's table and the topic in both Regions; the lock."""
    both = sorted({inputs.origin, inputs.region})
    yield from _check_functions(inputs, clients, both)
    for region in both:
        yield from _check_table(clients, region)
        yield _check_topic(clients, region)
    yield _check_lock(inputs, clients)


def _check_functions(inputs: ReadinessInput, clients: CheckClients, both: list[str]) -> Iterator[ReadinessFinding]:
    """The same code under the same names in both Regions."""
    check = "deployment.functions"
    code: dict[str, dict[str, str]] = {}
    for region in both:
        try:
            code[region] = _code_by_function(
                clients, region, inputs.functions or f"{resource_names.application_prefix(inputs.application)}-"
            )
        except LeewardError as error:
            yield unknown(check, region, f"they could not be listed ({error})", "see that this Region answers")
    if len(code) < len(both):
        return
    every = sorted({name for found in code.values() for name in found})
    if not every:
        yield failed(check, ", ".join(both), "there is no function of this application", _DEPLOY)
        return
    for region in both:
        missing = [name for name in every if name not in code[region]]
        if missing:
            yield failed(check, region, f"missing: {', '.join(missing)}", _DEPLOY)
        else:
            yield ok(check, region, f"{len(every)} functions")
    one, other = (code[region] for region in both) if len(both) > 1 else (code[both[0]],) * 2
    differing = sorted(name for name in one.keys() & other.keys() if one[name] != other[name])
    if differing:
        told = f"the code differs between {' and '.join(both)}: {', '.join(differing)}"
        yield failed("deployment.same_code", ", ".join(both), told, _DEPLOY)
    else:
        yield ok("deployment.same_code", ", ".join(both), "the same code in both Regions")


def _code_by_function(clients: CheckClients, region: str, prefix: str) -> dict[str, str]:
    found: dict[str, str] = {}
    with translate_errors("lambda:ListFunctions"):
        for page in clients.client("lambda", region).get_paginator("list_functions").paginate():
            found |= {
                str(f["FunctionName"]): str(f.get("CodeSha256", ""))
                for f in page["Functions"]
                if str(f["FunctionName"]).startswith(prefix)
            }
    return found


def _check_table(clients: CheckClients, region: str) -> Iterator[ReadinessFinding]:
    check, subject = "deployment.journal", f"{clients.table_name} in {region}"
    client = clients.client("dynamodb", region)
    try:
        with translate_errors("dynamodb:DescribeTable"):
            table: dict[str, Any] = client.describe_table(TableName=clients.table_name)["Table"]
        with translate_errors("dynamodb:DescribeContinuousBackups"):
            kept = client.describe_continuous_backups(TableName=clients.table_name)["ContinuousBackupsDescription"]
    except NotFound:
        yield failed(check, subject, "the journal's table does not exist", _DEPLOY)
        return
    except LeewardError as error:
        yield unknown(check, subject, f"it could not be read ({error})", "see that this Region answers")
        return
    if table.get("TableStatus") != "ACTIVE":
        yield failed(
            check, subject, f"the table is {table.get('TableStatus')}", "see the table in the DynamoDB console"
        )
    else:
        yield ok(check, subject, "the table is ACTIVE")
    pitr = kept.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus")
    if pitr == "ENABLED":
        yield ok("deployment.journal_backup", subject, "point-in-time recovery is on")
    else:
        yield warning("deployment.journal_backup", subject, f"point-in-time recovery is {pitr}", _DEPLOY)


def _check_topic(clients: CheckClients, region: str) -> ReadinessFinding:
    check = "deployment.topic"
    arn = ":".join(part if n != 3 else region for n, part in enumerate(clients.topic.split(":")))  # noqa: PLR2004 - its Region
    subject = f"{arn.rpartition(':')[2]} in {region}"
    try:
        with translate_errors("sns:ListSubscriptionsByTopic"):
            answer = clients.client("sns", region).list_subscriptions_by_topic(TopicArn=arn)
    except NotFound:
        return failed(check, subject, "the topic does not exist: nobody would be told", _DEPLOY)
    except LeewardError as error:
        return unknown(check, subject, f"it could not be read ({error})", "see that this Region answers")
    confirmed = [s for s in answer["Subscriptions"] if s["SubscriptionArn"] != "PendingConfirmation"]
    if not confirmed:
        fix = "subscribe the people on call to the topic, and have them confirm"
        return failed(check, subject, "nobody has a confirmed subscription: nobody would be told", fix)
    return ok(check, subject, f"{len(confirmed)} subscriptions")


def _check_lock(inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    """A lock that is held refuses the next run. It is held rightly while its run goes on."""
    check = "deployment.lock"
    held = sorted({holder.run for holder in lock_records.read_holders(clients.table, inputs.application).values()})
    if not held:
        return ok(check, inputs.application, "free")
    open_runs = {run.run for run in list_runs(clients.table, inputs.application) if run.ended_at is None}
    if set(held) <= open_runs:
        fix = "let the run end, or abort it: leeward watch RUN, leeward abort RUN"
        return warning(check, inputs.application, f"{', '.join(held)} holds it and has not ended", fix)
    fix = f'see how that run ended; the next one takes over: {{"take_over": "{held[0]}"}}'
    return failed(check, inputs.application, f"{', '.join(held)} has ended and left it held", fix)
