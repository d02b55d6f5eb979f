"""Measures the sizes of the assets, and how long a cold start takes to import a task from them.

For the measurement, the layer is built for the current interpreter from the same lock file. Lambda's CPU is slower and
its disk is not cached. So use the figures to compare commits, not as absolute times.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from leeward.infra.packaging.bytecode import MISSING_INTERPRETER, find_interpreter
from leeward.infra.packaging.code_asset import build_code_archive
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET, LambdaTarget
from leeward.infra.packaging.layer_asset import PackagingFailed, build_layer_archive

_IMPORT_SCRIPT = """
import sys, time
sys.path[:0] = sys.argv[1:3]
began = time.process_time()
for name in sys.argv[3].split(","): __import__(name)
print(time.process_time() - began)
"""
_REPETITIONS = 3
# A simple task, one that calls DRS, EC2, and the table, and the one that starts a failover.
SAMPLE_MODULES = ("leeward.lambdas.run_begin", "leeward.lambdas.drs_recover", "leeward.lambdas.start")


def describe_assets() -> Iterator[str]:
    """Yield lines of text about the assets. Raises PackagingFailed."""
    for name, path in (("code", build_code_archive()), ("layer", build_layer_archive())):
        zipped, unzipped = measure_sizes(path)
        yield f"{name}: {zipped / 1e6:.2f} MB zipped, {unzipped / 1e6:.1f} MB unzipped ({path.name})"
    yield (
        f"functions run on {LAMBDA_TARGET.name}; imports are measured on "
        f"{LambdaTarget.current_interpreter().name}, with its bytecode"
    )
    if find_interpreter(LAMBDA_TARGET.python) is None:
        yield MISSING_INTERPRETER.format(version=LAMBDA_TARGET.python)
    for module, seconds in measure_imports():
        yield f"{module}: {seconds * 1000:.0f} ms of CPU time to import"


def measure_sizes(path: Path) -> tuple[int, int]:
    """Return the compressed and uncompressed sizes in bytes."""
    with zipfile.ZipFile(path) as archive:
        return path.stat().st_size, sum(entry.file_size for entry in archive.infolist())


def measure_imports(
    modules: tuple[str, ...] = SAMPLE_MODULES, repetitions: int = _REPETITIONS
) -> Iterator[tuple[str, float]]:
    """Yield, for each module, the median CPU seconds to import it in a new interpreter that has only the assets.

    Names that are joined by commas are imported together.
    """
    with tempfile.TemporaryDirectory() as folder:
        extract_assets(Path(folder))
        for module in modules:
            yield module, statistics.median(_time_import(Path(folder), module) for _ in range(repetitions))


def extract_assets(folder: Path) -> None:
    """Extract the assets for the current interpreter, as Lambda does: code to the folder, packages to `python`."""
    target = LambdaTarget.current_interpreter()
    for path in (build_code_archive(target=target), build_layer_archive(target)):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)


def _time_import(folder: Path, module: str) -> float:
    command = [sys.executable, "-I", "-S", "-B", "-c", _IMPORT_SCRIPT, str(folder), str(folder / "python"), module]
    in_lambda = os.environ | {"LAMBDA_TASK_ROOT": str(folder)}
    done = subprocess.run(command, env=in_lambda, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise PackagingFailed(f"{module} can't be imported from the assets alone:\n{done.stderr.strip()}")
    return float(done.stdout)
