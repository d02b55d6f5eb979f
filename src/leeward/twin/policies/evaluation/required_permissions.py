"""The permissions that a call requires: its actions, its resources, and the condition keys of the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from leeward.twin.interception.calls.operation_names import IAM_PREFIXES
from leeward.twin.policies.evaluation.action_rules import ACTION_RULES, CallLocation, Parameters, Tags
from leeward.twin.policies.evaluation.policy_conditions import UnsupportedPolicy
from leeward.twin.policies.evaluation.policy_documents import AuthorizationRequest
from leeward.twin.policies.evaluation.request_context import list_request_keys

_TRANSACTIONS = {"dynamodb:TransactWriteItems", "dynamodb:TransactGetItems"}
_TRANSACTION_ACTIONS = {
    "ConditionCheck": "ConditionCheckItem", "Delete": "DeleteItem", "Get": "GetItem", "Put": "PutItem",
    "Update": "UpdateItem",
}  # fmt: skip


def iam_action(service: str, operation: str) -> str:
    """Return the key of a call in the rules: IAM's prefix and the operation, such as `states:StartExecution`."""
    return f"{IAM_PREFIXES.get(service, service)}:{operation}"


def build_requests(
    action: str, parameters: Parameters, location: CallLocation, find_tags: Callable[[str], Tags | None]
) -> Iterator[AuthorizationRequest]:
    """Yield a request for each resource of the call, and one for the tags that the call sets on creation.

    `find_tags` returns the tags of a resource by its ARN. Raises UnsupportedPolicy for an action without a rule.
    """
    for each, given in _split_transaction(action, parameters):
        rule = ACTION_RULES.get(each)
        if rule is None:
            raise UnsupportedPolicy(f"the twin has no rule for the resources of {each}. Add it to ACTION_RULES")
        context = list_request_keys(each, given, location)
        for arn in rule.arns(given, location):
            tags = find_tags(arn) or {}
            tag_keys = {f"aws:resourcetag/{key}".lower(): [value] for key, value in tags.items()}
            yield AuthorizationRequest(rule.action or each, arn, context | tag_keys)
        if parameters.get("tags") and each in ("drs:StartRecovery", "drs:StartRecoveryPlanExecution"):
            tag_context = {**context, "drs:createaction": [each.partition(":")[2]]}
            yield AuthorizationRequest("drs:TagResource", location.arn("drs", "job/drsjob-new"), tag_context)


def build_unmapped_request(action: str, parameters: Parameters, location: CallLocation) -> AuthorizationRequest:
    """Return the request of an action without a rule. Its resource is unknown, so only grants on `*` decide."""
    return AuthorizationRequest(action, "*", list_request_keys(action, parameters, location))


def has_rule(action: str) -> bool:
    """Return whether the twin knows the resources of the action."""
    return action in ACTION_RULES or action in _TRANSACTIONS


def _split_transaction(action: str, parameters: Parameters) -> Iterator[tuple[str, Parameters]]:
    """Yield the call, or each part of a transaction, which IAM authorizes like a call of its own.

    Source: DynamoDB Developer Guide, "Using IAM with DynamoDB transactions".
    """
    if action not in _TRANSACTIONS:
        yield action, parameters
        return
    for item in parameters["TransactItems"]:
        for part, given in item.items():
            assert isinstance(given, Mapping)
            yield f"dynamodb:{_TRANSACTION_ACTIONS[part]}", given
