"""A triggered run, whose world is deployed from the templates, has every patch and every part of realistic time."""

from __future__ import annotations

import pytest

from leeward.twin.engine import PATCHES
from leeward.twin.realism.realism_settings import RealismPart
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.deployed_application import deployed_application


@pytest.mark.verify("synthesizes the templates; other modes are tested without them")
def test_every_patch_and_realism_part_is_active_in_a_triggered_run(assembly: CloudAssembly) -> None:
    with deployed_application(assembly) as world:
        assert PATCHES.active_patches() == set(PATCHES.names)
        assert world.stage.engine.realism.parts == set(RealismPart)
    assert PATCHES.active_patches() == set()
