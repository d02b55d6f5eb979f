"""A Lambda function's configuration, read from environment variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from leeward.common.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class TaskEnvironment:
    """The function's configuration. `region` is the Region of the function, the run's target."""

    region: str
    table: str
    topic_arn: str

    @classmethod
    def load(cls, variables: Mapping[str, str] | None = None) -> TaskEnvironment:
        """Load the configuration. Raises InvalidInput naming every missing or empty variable."""
        values = os.environ if variables is None else variables
        names = {"region": "AWS_REGION", "table": "LEEWARD_TABLE", "topic_arn": "LEEWARD_TOPIC_ARN"}
        missing = [name for name in names.values() if not values.get(name)]
        if missing:
            raise InvalidInput(f"the function's environment lacks {', '.join(missing)}")
        return cls(**{field: values[name] for field, name in names.items()})
