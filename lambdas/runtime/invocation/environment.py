"""What a function is told by its environment, read once and failing by name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from leeward.common.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TaskEnvironment:
    """`region` is where the function runs: the Region that the run enters."""

    region: str
    table: str
    topic_arn: str

    @classmethod
    def load(cls, variables: Mapping[str, str] | None = None) -> TaskEnvironment:
        """Raises InvalidInput naming every variable that is missing or empty."""
        given = os.environ if variables is None else variables
        names = {"region": "AWS_REGION", "table": "LEEWARD_TABLE", "topic_arn": "LEEWARD_TOPIC_ARN"}
        missing = [name for name in names.values() if not given.get(name)]
        if missing:
            raise InvalidInput(f"the function's environment lacks {', '.join(missing)}")
        return cls(**{field: given[name] for field, name in names.items()})
