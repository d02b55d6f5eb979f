"""The templates, as they are synthesised."""

from __future__ import annotations

import pytest

from leeward.infra.synthesis.template_cache import synthesize
from leeward.twin.templates.cloud_assembly import CloudAssembly


@pytest.fixture(scope="session")
def assembly() -> CloudAssembly:
    """The templates that `make synth` writes. They are synthesized again only when their sources have changed."""
    return CloudAssembly.load(synthesize("website"))


@pytest.fixture(scope="session")
def ticketing_assembly() -> CloudAssembly:
    """The same of the ticketing service."""
    return CloudAssembly.load(synthesize("ticketing"))
