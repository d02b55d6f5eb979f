"""What several experiments do."""

from __future__ import annotations

from typing import Any

from leeward.twin.engine import Engine
from tests.twin.engine import machines
from tests.twin.engine.machines import REGION

NEVER: machines.Handlers = {"ask": lambda event, context: None}


def keeps_token(tokens: list[str]) -> machines.Handlers:
    return {"ask": lambda event, context: tokens.append(event["token"])}


def sfn(opened: Engine) -> Any:
    return opened.client("stepfunctions", REGION)
