"""Ids that must not depend on what the process did before this run."""

from __future__ import annotations

import hashlib
import itertools
from typing import Any
from uuid import UUID

from moto.core import base_backend
from moto.moto_api._internal import mock_random
from moto.stepfunctions.parser.asl.component import eval_component
from moto.stepfunctions.parser.asl.eval import states

from leeward.twin.engine.host_process.attribute_patching import replace_attribute
from leeward.twin.engine.scheduling.current_scheduler import current_scheduler


def number_heap_keys() -> None:
    """Raw moto draws a uuid4 for each part of a definition when it is first evaluated. Definitions are parsed once per
    process here, so a second run would draw fewer, and every id after that would differ."""
    numbers = itertools.count(1)
    replace_attribute(eval_component, "long_uid", lambda: f"part-{next(numbers)}")


def derive_task_tokens() -> None:
    """Raw moto draws each task token as a uuid4, so one draw more anywhere before changes every token after it."""

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
    """Raw moto draws a uuid4 when a service is first imported, which happens in the first run of a process only."""
    numbers = itertools.count(1)
    replace_attribute(base_backend, "uuid4", lambda: UUID(int=next(numbers)))


def seed_moto(seed: int) -> None:
    """For each run: moto draws ids of instances, volumes and the like from a stream of its own."""
    mock_random.seed(seed)
