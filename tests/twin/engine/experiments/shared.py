"""What several experiments do."""

from __future__ import annotations

from typing import Any

from leeward.twin.engine import Engine
from tests.twin.engine import drills
from tests.twin.engine.drills import REGION

NEVER: drills.Handlers = {"ask": lambda event, context: None}


def keeps_token(tokens: list[str]) -> drills.Handlers:
    return {"ask": lambda event, context: tokens.append(event["token"])}


def sfn(opened: Engine) -> Any:
    return opened.client("stepfunctions", REGION)
