"""What AWS's own checks say of the templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.infra.packaging.lambda_target import PROJECT_ROOT
from leeward.infra.synthesis.template_cache import synthesize
from tests.infra.linting import IGNORED, findings


@pytest.mark.parametrize("application", ["website", "ticketing"])
def test_cfn_lint_has_nothing_to_say(application: str) -> None:
    paths = sorted(synthesize(application, "example").glob("*.template.json"))
    assert len(paths) > 10
    assert findings(paths) == []


def test_what_is_ignored_is_what_the_configuration_explains() -> None:
    told = (PROJECT_ROOT / ".cfnlintrc.yaml").read_text()
    assert all(f"- {rule}   # " in told for rule in IGNORED)
    assert told.count("   # ") == len(IGNORED)


def test_cfn_lint_would_find_something_and_finds_it_again(tmp_path: Path) -> None:
    broken = tmp_path / "broken.template.json"
    broken.write_text('{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"NoSuch": 1}}}}')
    assert findings([broken])
    assert findings([broken])
