"""cfn-lint over templates, in one run; what was clean once is not looked at again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from cfnlint.config import ConfigMixIn
from cfnlint.runner import Runner

from tests.support.paths import REPOSITORY

# Each with its reason in .cfnlintrc.yaml.
IGNORED = ("W3010", "W3005")
CLEAN = REPOSITORY / "build" / "linted"
# Of the code's contents: another commit has another asset, and the same template otherwise.
_HASH = re.compile(r"[0-9a-f]{32,64}")


def findings(paths: Sequence[Path], regions: Sequence[str] = ()) -> list[str]:
    """What cfn-lint has to say of the templates, for these Regions or for its own default."""
    marks = {path: CLEAN / _digest(path, regions) for path in paths}
    unknown = [path for path, mark in marks.items() if not mark.exists()]
    if not unknown:
        return []
    given = {"templates": [str(path) for path in unknown], "ignore_checks": list(IGNORED)}
    matches = list(Runner(ConfigMixIn([], **given, **({"regions": list(regions)} if regions else {}))).run())
    CLEAN.mkdir(parents=True, exist_ok=True)
    for path in unknown:
        if not any(Path(match.filename) == path for match in matches):
            marks[path].touch()
    return [f"{Path(match.filename).name}: {match}" for match in matches]


def _digest(path: Path, regions: Sequence[str]) -> str:
    output = f"{version('cfn-lint')} {IGNORED} {sorted(regions)}\n{_HASH.sub('#', path.read_text())}"
    return hashlib.sha256(output.encode()).hexdigest()
