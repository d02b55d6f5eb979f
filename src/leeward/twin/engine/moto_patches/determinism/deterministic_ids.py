"""Generates IDs that do not depend on what the process did before the run."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any
from uuid import UUID

from moto.core import base_backend
from moto.stepfunctions.parser.asl.component import eval_component
from moto.stepfunctions.parser.asl.eval import states

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.patching.attribute_replacement import replace_attribute


def number_heap_keys() -> None:
    """Number the parts of a definition.

    Unpatched moto draws a uuid4 for each part when it is first evaluated. The process parses each definition once, so a
    second run would draw fewer, and every later ID would differ.
    """
    numbers = itertools.count(1)
    replace_attribute(eval_component, "long_uid", lambda: f"part-{next(numbers)}")


def derive_task_tokens() -> None:
    """Derive each task token from the execution and a counter.

    Unpatched moto draws each token as a uuid4, so one additional draw changes every later token.
    """

    def update_task_token(self: Any) -> str:
        data = self.context_object_data
        execution = data["Execution"]["Id"]
        scheduler = current_scheduler()
        text = f"{scheduler.seed}|{execution}|{scheduler.next_number(f'token|{execution}')}"
        token = hashlib.sha256(text.encode()).hexdigest()
        data["Task"] = states.TaskData(Token=token)
        return token

    replace_attribute(states.ContextObject, "update_task_token", update_task_token)


def number_backend_ids() -> None:
    """Number the IDs of moto's backends.

    Unpatched moto draws a uuid4 when a service is first imported, which happens only in the first run of a process.
    """
    numbers = itertools.count(1)
    replace_attribute(base_backend, "uuid4", lambda: UUID(int=next(numbers)))
