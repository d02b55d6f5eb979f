"""Templates that were synthesized from other documents start nothing."""

from __future__ import annotations

import pytest

from leeward.rehearsal.worlds.leeward_deployment import LeewardDeployment
from leeward.twin.errors import TwinError
from leeward.twin.templates.cloud_assembly import CloudAssembly
from tests.support.website_session import compile_website, replace_text


def test_templates_of_the_documents_are_accepted(assembly: CloudAssembly) -> None:
    LeewardDeployment(assembly).require_same_machine("website-failover", compile_website().compiled.text)


def test_templates_of_other_documents_are_rejected(assembly: CloudAssembly) -> None:
    changed = compile_website(replace_text("consecutive: 3", "consecutive: 4"))
    with pytest.raises(TwinError, match=r"website-failover .* does not match its documents. Run `make synth` again"):
        LeewardDeployment(assembly).require_same_machine("website-failover", changed.compiled.text)
