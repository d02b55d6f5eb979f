"""A triggered run, whose world is deployed from the templates, has every patch."""

from __future__ import annotations

import pytest

from leeward.twin.engine import PATCHES
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.rehearsals.triggers.deployed_application import deployed_application


@pytest.mark.verify("synthesizes the templates; other modes are tested without them")
def test_every_patch_is_active_in_a_triggered_run(assembly: CloudAssembly) -> None:
    with deployed_application(assembly):
        assert PATCHES.active_patches() == set(PATCHES.names)
    assert PATCHES.active_patches() == set()
