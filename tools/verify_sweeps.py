"""Sweep a bounded part of every runbook: a step of `make verify`.

    python tools/verify_sweeps.py --shard 2/4

A full sweep takes hours. This one injects every class of fault at the first places of each runbook.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_LIMIT = 40


def main() -> int:
    """Run the sweeps of this shard in sequence. Return 1 when a sweep finds a failure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shard", default="1/1")
    part, parts = (int(number) for number in parser.parse_args().shard.split("/"))
    paths = sorted(p for p in (ROOT / "runbooks").glob("*/*.yaml") if p.name != "application.yaml")
    failed = 0
    for path in paths[part - 1 :: parts]:
        command = [sys.executable, "-m", "leeward.cli", "sweep", path.parent.name, path.stem, "--quick"]
        failed += subprocess.run([*command, "--limit", str(_LIMIT)], cwd=ROOT, check=False).returncode != 0  # noqa: S603
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
