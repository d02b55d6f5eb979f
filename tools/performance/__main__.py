"""Measures the failover of the website in every size, and writes docs/generated/performance.md.

    make bench
    python -m tools.performance --only 300x20   # measure one configuration again; the others keep their measurements
    python -m tools.performance --page          # write the page from the measurements in build/performance

The measurements are in build/performance/measurements.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tools.performance.configurations import Configuration, list_configurations
from tools.performance.performance_page import render_page, total_calls

ROOT = Path(__file__).resolve().parents[2]
MEASUREMENTS = ROOT / "build" / "performance" / "measurements.json"
PAGE = ROOT / "docs" / "generated" / "performance.md"


def main() -> int:
    """Measure and write the page. Returns 1 when a measurement failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", metavar="SERVERSxGROUPS")
    parser.add_argument("--page", action="store_true", help="measure nothing")
    arguments = parser.parse_args()
    measured: dict[str, Any] = {}
    if (arguments.only or arguments.page) and MEASUREMENTS.exists():
        measured = json.loads(MEASUREMENTS.read_text(encoding="utf-8"))
    failed = False
    for number, at in enumerate(list_configurations(), start=1):
        if arguments.page or (arguments.only and f"{at.servers}x{at.groups}" not in arguments.only):
            continue
        print(f"[{number}/{len(list_configurations())}] {at.name}: ", end="", flush=True)  # noqa: T201
        if not at.is_possible:
            print("impossible, because some groups would be empty")  # noqa: T201
            continue
        began = time.monotonic()
        try:
            measured[at.name] = _measure(at)
        except subprocess.CalledProcessError as error:
            failed = True
            print(f"failed: {error.stderr.strip().splitlines()[-1:]}")  # noqa: T201
            continue
        print(f"{_summary(measured[at.name])}, measured in {time.monotonic() - began:.0f} s")  # noqa: T201
        MEASUREMENTS.parent.mkdir(parents=True, exist_ok=True)
        MEASUREMENTS.write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(render_page(measured), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")  # noqa: T201
    return 1 if failed else 0


def _measure(at: Configuration) -> Any:
    command = [sys.executable, "-m", "tools.performance.measurement", str(at.servers), str(at.groups)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    return json.loads(answer.stdout)


def _summary(figures: Any) -> str:
    rto, usage = figures["rto_seconds"], figures["usage"]
    words = "no RTO" if rto is None else f"RTO {rto:.0f} s"
    return f"{figures['outcome']}, {words}, {total_calls(usage):,} calls, {figures['cpu_seconds']:.1f} CPU seconds"


if __name__ == "__main__":
    sys.exit(main())
