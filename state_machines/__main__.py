"""Compile runbooks/, or check whether the committed files have drifted: `python -m leeward.state_machines
[--check]`.
"""

from __future__ import annotations

import argparse
import sys

from leeward.base.import_paths import BrokenImportPath
from leeward.base.installation.project_folders import ProjectNotFound, find_project
from leeward.kinds.plugin_discovery import PluginError
from leeward.state_machines.build import InvalidDocuments, expected_files, find_drift, write_files


def main(arguments: list[str] | None = None) -> int:
    """Return exit code 0 on success, and 1 when files have drifted or documents have errors."""
    parser = argparse.ArgumentParser(prog="python -m leeward.state_machines", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a generated file has drifted")
    check = bool(parser.parse_args(arguments).check)
    try:
        project = find_project()
        expected = expected_files(project.runbooks, project.generated, project.schema)
    except (BrokenImportPath, InvalidDocuments, PluginError, ProjectNotFound) as invalid:
        sys.stderr.write(f"{invalid}\n")
        return 1
    drift = find_drift(expected, project.generated) if check else write_files(expected, project.generated)
    for word, paths in (("missing", drift.missing), ("differs", drift.changed), ("left over", drift.left_over)):
        for path in paths:
            sys.stdout.write(f"{word if check else 'wrote' if word != 'left over' else 'removed'}: {path}\n")
    return 1 if check and drift else 0


if __name__ == "__main__":
    sys.exit(main())
