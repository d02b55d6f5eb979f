"""What AWS's own checks say of the templates."""

from __future__ import annotations

from pathlib import Path

from cfnlint.api import lint_file
from cfnlint.config import ManualArgs

from infra.packaging.target import ROOT
from infra.synth import templates

# Each with its reason in .cfnlintrc.yaml.
IGNORED = ["W3010", "W3005"]


def findings(folder: Path) -> list[str]:
    return [
        f"{path.name}: {match}"
        for path in sorted(folder.glob("*.template.json"))
        for match in lint_file(path, config=ManualArgs(ignore_checks=IGNORED))
    ]


def test_cfn_lint_has_nothing_to_say() -> None:
    assert findings(templates("website", "example")) == []


def test_what_is_ignored_is_what_the_configuration_explains() -> None:
    told = (ROOT / ".cfnlintrc.yaml").read_text()
    assert all(f"- {rule}   # " in told for rule in IGNORED)
    assert told.count("   # ") == len(IGNORED)


def test_cfn_lint_would_find_something(tmp_path: Path) -> None:
    broken = tmp_path / "broken.template.json"
    broken.write_text('{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"NoSuch": 1}}}}')
    assert findings(tmp_path)
