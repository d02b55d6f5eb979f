"""The distributions, built once, and the environments that the wheel is installed into."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from tests.support.paths import REPOSITORY

EPOCH = 1_700_000_000
HOSTILE = ("cli", "common", "control", "data", "drs", "infra", "lambdas", "state_machines", "traffic", "twin")


@dataclass(frozen=True)
class Installation:
    """A virtual environment that has the wheel, and its dependencies from elsewhere."""

    folder: Path

    @property
    def site_packages(self) -> Path:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.folder / "lib" / version / "site-packages"

    def run(self, project: Path, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in `project`, with hostile packages first on the path."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("LEEWARD", "AWS"))}
        variables |= {
            "PYTHONPATH": str(project.parent / "hostile"), "COLUMNS": "200", "HOME": str(project.parent),
            "AWS_ACCESS_KEY_ID": "twin", "AWS_SECRET_ACCESS_KEY": "twin",
        }  # fmt: skip
        return subprocess.run(
            [str(self.folder / "bin" / program), *arguments],
            cwd=project, env=variables, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip


@pytest.fixture(scope="session")
def builder() -> ModuleType:
    """tools/build_distributions.py."""
    spec = importlib.util.spec_from_file_location("build_distributions", REPOSITORY / "tools/build_distributions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def source(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files that git tracks or would track."""
    folder = tmp_path_factory.mktemp("source") / "leeward"
    builder.copy_sources(folder)
    return folder


@pytest.fixture(scope="session")
def distributions(builder: ModuleType, source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that was built from it, without network."""
    sdist, wheel = builder.build_distributions(source, tmp_path_factory.mktemp("dist"), EPOCH)
    return sdist, wheel


@pytest.fixture(scope="session")
def complete(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel, with every package of this environment but its editable Leeward."""
    return install(distributions[1], Path(sysconfig.get_paths()["purelib"]), tmp_path_factory.mktemp("complete"))


@pytest.fixture(scope="session")
def base(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The wheel as `pip install leeward` leaves it: with what it requires without extras, and nothing else."""
    folder = tmp_path_factory.mktemp("base")
    empty = install(distributions[1], folder / "packages", folder / "environment")
    (own,) = (Distribution.at(path) for path in empty.site_packages.glob("leeward-*.dist-info"))
    (folder / "packages").mkdir()
    for name in list_required(own.requires or []):
        for entry in list_top_level_entries(distribution(name)):
            (folder / "packages" / entry.name).symlink_to(entry)
    return empty


def install(wheel: Path, packages: Path, folder: Path) -> Installation:
    """Install the wheel into an empty environment that finds other packages in `packages`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*command, str(wheel)], check=True)
    made = Installation(folder)
    # A line of a .pth file adds the folder, but not what the .pth files in it name: no editable install is found.
    (made.site_packages / "dependencies.pth").write_text(f"{packages}\n")
    return made


def list_required(requirements: list[str]) -> set[str]:
    """The installed distributions that `requirements` come to, extras of theirs included."""
    found: set[tuple[str, str]] = set()
    waiting = [(Requirement(text), "") for text in requirements]
    while waiting:
        requirement, parent_extra = waiting.pop()
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": parent_extra}):
            continue
        for extra in ("", *sorted(requirement.extras)):
            if (requirement.name, extra) not in found:
                found.add((requirement.name, extra))
                waiting += [(Requirement(text), extra) for text in _read_requirements(requirement.name)]
    return {name.lower().replace("_", "-") for name, _ in found}


def _read_requirements(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except PackageNotFoundError as error:
        raise AssertionError(f"{name} is required and not installed") from error


def list_top_level_entries(package: Distribution) -> Iterator[Path]:
    """The files and folders of a distribution directly below site-packages."""
    names = {file.parts[0] for file in package.files or [] if file.parts[0] not in ("..", "__pycache__")}
    for name in sorted(names):
        yield Path(str(package.locate_file(name))).resolve()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the samples in an otherwise empty folder, beside packages that fail when they are imported."""
    folder = tmp_path / "project"
    for name in ("runbooks", "workloads"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("generated", "schema"):
        shutil.copytree(REPOSITORY / "state_machines" / name, folder / "state_machines" / name)
    for name in HOSTILE:
        (tmp_path / "hostile" / name).mkdir(parents=True)
        (tmp_path / "hostile" / name / "__init__.py").write_text(f'raise RuntimeError("hostile {name}")\n')
    return folder
