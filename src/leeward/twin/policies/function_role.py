"""The IAM role of a Lambda function: its ARN, and the statements of its policies."""

from __future__ import annotations

from collections.abc import Sequence

from leeward.twin.policies.evaluation.policy_documents import PolicyStatement


class FunctionRole:
    """A function's role. The statements of an action are found once, because a task repeats its calls."""

    def __init__(self, arn: str, statements: Sequence[PolicyStatement]) -> None:
        self.arn, self.statements = arn, statements
        self._condition_keys = {
            key.lower() for statement in statements for keys in statement.conditions.values() for key in keys
        }
        self._covering: dict[str, list[PolicyStatement]] = {}

    def depends_on(self, prefix: str) -> bool:
        """Return whether a condition uses a key with this prefix, in lowercase. Some keys take long to find."""
        return any(key.startswith(prefix) for key in self._condition_keys)

    def covering_statements(self, action: str) -> list[PolicyStatement]:
        """Return the statements that cover the action, whatever their resources and conditions."""
        found = self._covering.get(action)
        if found is None:
            found = [statement for statement in self.statements if statement.covers_action(action)]
            self._covering[action] = found
        return found
