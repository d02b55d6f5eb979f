"""The engine of the twin reads the dialect that the compiler writes, for every step kind and policy."""

from __future__ import annotations

import pytest
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser

from leeward.state_machines.compile.runbook_compiler import CompiledRunbook
from leeward.twin.engine import PATCHES
from tests.state_machines.conftest import every_machine


@pytest.mark.parametrize("compiled", every_machine(), ids=lambda c: f"{c.application}-{c.runbook}")
@pytest.mark.verify("every compiled machine in the engine; rehearsals run the samples")
def test_engine_accepts_compiled_machine(compiled: CompiledRunbook) -> None:
    with PATCHES.applied():  # the quicker parser, and what it has parsed before
        program, _ = AmazonStateLanguageParser.parse(compiled.text)
    assert program.start_at.start_at_name == compiled.machine.start_at
    assert list(program.states.states) == list(compiled.machine.states)
