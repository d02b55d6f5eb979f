"""Mutation testing of the task logic.

    python -m tools.mutants --seed 7 --sample 20 [--package control]

Changes the code in one place at a time. The tests should fail for each change. Prints each package's score and every
change that survived. A complete run takes many hours, so the command draws a sample, which is the same for equal seeds.
It works on a copy of the tree.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tools.mutants.coverage_by_test import TestCoverage, read_coverage, record_coverage
from tools.mutants.mutant_runs import MutantResult, copy_tree, environment_for, run_mutant
from tools.mutants.mutant_sample import draw_mutants, list_mutants

ROOT = Path(__file__).parents[2]
PACKAGES = ("drs", "traffic", "data", "control", "lambdas", "evidence", "readiness")
# The folders whose tests run the task logic. Others run it too, but less closely.
TESTS = (
    *(f"tests/{package}" for package in PACKAGES),
    *(f"tests/{folder}" for folder in ("common", "report", "board", "rehearsal", "rehearsals", "ticketing")),
)


def main() -> int:
    """Draw the samples, run the tests, and print the results. Returns 1 when a package has no test."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sample", type=int, default=20, help="mutants per package")
    parser.add_argument("--package", choices=PACKAGES, action="append")
    parser.add_argument("--tests", action="append", help="only the tests in this folder or file")
    arguments = parser.parse_args()
    packages = arguments.package or PACKAGES
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder).resolve() / "tree"
        copy_tree(ROOT, tree)
        tests = [test for test in arguments.tests or TESTS if (tree / test).exists()]
        _print_line("Recording which tests run which lines ...")
        try:
            record_coverage(tree, tests, [_folder(tree, package) for package in packages], environment_for(tree))
        except ValueError as error:
            sys.exit(str(error))
        coverage = read_coverage(tree)
        _print_line(f"{coverage.tests} tests recorded")
        found = total = 0
        for package in packages:
            results = _test_package(tree, package, coverage, arguments.sample, arguments.seed)
            found += sum(result.noticed for result in results)
            total += len(results)
    _print_line(f"all: {found} of {total} noticed ({found / max(1, total):.0%})")
    return 0


def _test_package(tree: Path, package: str, coverage: TestCoverage, sample: int, seed: int) -> list[MutantResult]:
    mutants = list_mutants(tree, _folder(tree, package))
    drawn = draw_mutants(mutants, sample, seed)
    _print_line(f"{package}: {len(drawn)} of {len(mutants)} mutants, seed {seed}")
    results = []
    for mutant in drawn:
        result = run_mutant(tree, mutant, coverage)
        results.append(result)
        if not result.noticed:
            tests = "no test runs it" if result.total == 0 else f"{result.tests} of {result.total} tests run"
            _print_line(f"survived ({tests}):\n{result.diff}")
    noticed = sum(result.noticed for result in results)
    _print_line(f"{package}: {noticed} of {len(results)} noticed ({noticed / max(1, len(results)):.0%})")
    return results


def _folder(tree: Path, package: str) -> Path:
    """Return a package's code folder. `src/leeward/` has links to the folders at the root."""
    return (tree / "src" / "leeward" / package).resolve()


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
