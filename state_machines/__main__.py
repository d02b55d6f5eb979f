"""`python -m leeward.state_machines [--check]`: compile runbooks/, or tell whether what is committed has drifted."""

from __future__ import annotations

import argparse
import sys

from leeward.state_machines.build import (
    GENERATED_FOLDER,
    RUNBOOKS_FOLDER,
    SCHEMA_FOLDER,
    InvalidDocuments,
    expected_files,
    find_drift,
    write_files,
)


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: all is as it should be; 1: drift, or documents with errors."""
    parser = argparse.ArgumentParser(prog="python -m leeward.state_machines", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a generated file has drifted")
    check = bool(parser.parse_args(arguments).check)
    try:
        wanted = expected_files(RUNBOOKS_FOLDER, GENERATED_FOLDER, SCHEMA_FOLDER)
    except InvalidDocuments as invalid:
        sys.stderr.write(f"{invalid}\n")
        return 1
    drift = find_drift(wanted, GENERATED_FOLDER) if check else write_files(wanted, GENERATED_FOLDER)
    for word, paths in (("missing", drift.missing), ("differs", drift.changed), ("left over", drift.left_over)):
        for path in paths:
            sys.stdout.write(f"{word if check else 'wrote' if word != 'left over' else 'removed'}: {path}\n")
    return 1 if check and drift else 0


if __name__ == "__main__":
    sys.exit(main())
