"""AWS's Service Authorization Reference, as cfn-lint contains it: the actions, and the resources that they take."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Metrics are no resources: what the reference calls a dataset is another thing.
ACTIONS_WITHOUT_RESOURCE = frozenset({"cloudwatch:GetMetricData", "cloudwatch:PutMetricData"})


@cache
def service_authorization_reference() -> dict[str, Any]:
    """Return the reference by service prefix. Finds cfn-lint's file without importing cfn-lint, which takes seconds."""
    spec = find_spec("cfnlint")
    assert spec is not None
    assert spec.origin is not None
    (path,) = Path(spec.origin).parent.glob("data/**/Policies.json")
    reference: dict[str, Any] = json.loads(path.read_text())
    return reference
