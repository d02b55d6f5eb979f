"""The templates, as they are synthesised."""

from __future__ import annotations

import pytest

from leeward.infra.synth import templates
from leeward.twin.templates.assembly import Assembly


@pytest.fixture(scope="session")
def assembly() -> Assembly:
    """What `make synth` writes; made anew only when something has changed that it is made from."""
    return Assembly.load(templates("website"))


@pytest.fixture(scope="session")
def ticketing_assembly() -> Assembly:
    """The same of the ticketing service."""
    return Assembly.load(templates("ticketing"))
