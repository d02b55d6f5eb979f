"""What AWS's own checks say of the templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from leeward.infra.synthesis.template_cache import synthesize
from tests.infra.cfn_lint import IGNORED, findings
from tests.support.paths import REPOSITORY


@pytest.mark.parametrize("application", ["website", "ticketing"])
@pytest.mark.verify("`make check` runs cfn-lint on the same templates")
def test_templates_pass_cfn_lint(application: str) -> None:
    paths = sorted(synthesize(application, "example").glob("*.template.json"))
    assert len(paths) > 10
    assert findings(paths) == []


def test_ignored_rules_are_explained_in_configuration() -> None:
    output = (REPOSITORY / ".cfnlintrc.yaml").read_text()
    assert all(f"- {rule}   # " in output for rule in IGNORED)
    assert output.count("   # ") == len(IGNORED)


def test_cfn_lint_reports_broken_template_twice(tmp_path: Path) -> None:
    broken = tmp_path / "broken.template.json"
    broken.write_text('{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"NoSuch": 1}}}}')
    assert findings([broken])
    assert findings([broken])
