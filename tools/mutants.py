"""Mutation testing of the task logic in `drs/`, `traffic/`, `control/` and `data/`.

    python tools/mutants.py --seed 7 --sample 20 [--package control]

Changes the code in one place at a time. The tests should fail for each change. Prints each package's score and every
mutant that survived. A complete run takes many hours, so the command draws a sample, which is the same for equal seeds.
It works on a copy of the tree.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).parents[1]
# The tests of each package, the fast ones first, because the first failure ends a mutant's run.
TESTS_BY_PACKAGE = {
    "control": [
        "tests/control",
        "tests/lambdas/test_run_begin_and_end.py",
        "tests/lambdas/test_triggered_starts.py",
        "tests/rehearsals/website/test_resume.py",
        "tests/rehearsals/website/test_concurrent_runs.py",
    ],
    "traffic": ["tests/traffic"],
    "drs": [
        "tests/drs/test_launch_plan.py",
        "tests/drs/test_response_parsing.py",
        "tests/drs/test_protection_proof.py",
        "tests/drs",
    ],
    "data": ["tests/data", "tests/lambdas"],
}
_TEST_TIMEOUT_SECONDS = 300.0
# Nearly every mutant of these operators is an equivalent program: annotations are not evaluated, and numbers occur in
# messages.
_SKIPPED_OPERATORS = ("core/ReplaceBinaryOperator_BitOr", "core/RemoveDecorator")


def main() -> int:
    """Draw the samples, run the tests, and print the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--sample", type=int, default=20, help="mutants per package")
    parser.add_argument("--package", choices=sorted(TESTS_BY_PACKAGE), action="append")
    arguments = parser.parse_args()
    for package in arguments.package or TESTS_BY_PACKAGE:
        _test_package(package, arguments.sample, arguments.seed)
    return 0


def _test_package(package: str, sample: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(
            ROOT,
            tree,
            symlinks=True,
            ignore=shutil.ignore_patterns(".git", ".venv", "build", "node_modules", ".mypy_cache"),
        )
        parsed = Path("build", "parsed")  # parsed state machines, which no mutant changes, and which are slow to parse
        if (ROOT / parsed).is_dir():
            shutil.copytree(ROOT / parsed, tree / parsed)
        session, config = tree / "session.sqlite", tree / "mutants.toml"
        tests = [test for test in TESTS_BY_PACKAGE[package] if (tree / test).exists()]
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        _require_passing_tests(package, command, tree)
        config.write_text(
            f'[cosmic-ray]\nmodule-path = ["{_folder(package).relative_to(ROOT)}"]\n'
            f"timeout = {_TEST_TIMEOUT_SECONDS}\nexcluded-modules = []\n"
            f'test-command = "{" ".join(command)}"\n'
            '[cosmic-ray.distributor]\nname = "local"\n',
            encoding="utf-8",
        )
        _run_cosmic_ray(tree, "init", str(config), str(session))
        with use_db(str(session), mode=WorkDB.Mode.open) as db:
            drawn = _draw_sample(db, sample, seed)
        _print_line(f"{package}: {len(drawn)} of {drawn.total} mutants, seed {seed}")
        _run_cosmic_ray(tree, "exec", str(config), str(session))
        with use_db(str(session), mode=WorkDB.Mode.open) as db:
            _print_results(db, package, drawn)


def _require_passing_tests(package: str, command: list[str], tree: Path) -> None:
    """Exit unless the tests pass without a mutant. Otherwise each mutant would count as found."""
    done = subprocess.run(command, cwd=tree, env=_environment(tree), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        sys.exit(f"{package}: the tests fail without a mutant, so they can't show anything:\n{done.stdout[-2000:]}")


def _folder(package: str) -> Path:
    """Return a package's code folder. `src/leeward/` has links to the folders at the root."""
    return (ROOT / "src" / "leeward" / package).resolve()


class MutantSample(frozenset[str]):
    """The job IDs of the sample. `total` is the number of mutants to draw from."""

    total = 0


def _draw_sample(db: WorkDB, size: int, seed: int) -> MutantSample:
    """Draw the sample, and mark all other mutants as skipped."""
    items = list(db.work_items)
    candidates = sorted(
        (str(m.module_path), m.operator_name, m.occurrence, item.job_id)
        for item in items
        for m in item.mutations[:1]
        if not m.operator_name.startswith(_SKIPPED_OPERATORS)
    )
    drawn = MutantSample(job for *_, job in random.Random(seed).sample(candidates, min(size, len(candidates))))  # noqa: S311
    drawn.total = len(candidates)
    for item in items:
        if item.job_id not in drawn:
            db.set_result(item.job_id, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))
    return drawn


def _print_results(db: WorkDB, package: str, sample: MutantSample) -> None:
    killed = 0
    for job, result in db.results:
        if job not in sample:
            continue
        if result.test_outcome is TestOutcome.SURVIVED:
            _print_line(f"survived: {result.diff}")
        else:
            killed += 1
    _print_line(f"{package}: {killed} of {len(sample)} found ({killed / max(1, len(sample)):.0%})")


def _print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _run_cosmic_ray(tree: Path, *arguments: str) -> None:
    tool = Path(sys.executable).parent / "cosmic-ray"
    subprocess.run([str(tool), *arguments], cwd=tree, env=_environment(tree), check=True)  # noqa: S603 - a fixed command


def _environment(tree: Path) -> dict[str, str]:
    return {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PYTHONPATH": f"{tree / 'src'}:{tree}",
        "HOME": str(tree),
    }


if __name__ == "__main__":
    sys.exit(main())
