"""What moto keeps for the whole process and a run would change: random numbers, a counter, and a registry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from moto.core.authorization import ActionAuthenticatorMixin
from moto.moto_api._internal import mock_random
from moto.stepfunctions.parser.asl.component.state.choice.comparison.operator.operator import Operator

from leeward.twin.patching.attribute_replacement import set_attribute


@contextmanager
def restored_moto_state() -> Iterator[None]:
    """Restore moto's state on exit, so that a run doesn't change what later mocks do. Use it while patches are applied.

    moto starts to authorize calls after a number of calls, and counts all calls of the process.
    """
    stream = mock_random.getstate()
    set_attribute(ActionAuthenticatorMixin, "request_count", ActionAuthenticatorMixin.request_count)
    set_attribute(Operator, "_instances", dict(vars(Operator).get("_instances", {})))
    try:
        yield
    finally:
        mock_random.setstate(stream)


def seed_moto(seed: int) -> None:
    """Seed the stream from which moto draws the IDs of instances, volumes, and so on. Call it for each run."""
    mock_random.seed(seed)
