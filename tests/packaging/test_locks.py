"""The lock files: they satisfy what pyproject.toml requires, agree with each other, and hash every package."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
BASE: list[str] = PYPROJECT["project"]["dependencies"]
EXTRAS: dict[str, list[str]] = PYPROJECT["project"]["optional-dependencies"]
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]
TOOLS = [*GROUPS["build"], *(each for each in GROUPS["dev"] if isinstance(each, str))]
LAMBDA = (REPOSITORY / "infra" / "packaging" / "lambda-requirements.in").read_text().splitlines()
LOCKS = sorted(path.stem for path in (REPOSITORY / "locks").glob("*.txt"))


def read_lock(name: str) -> dict[str, str]:
    """The version of each package."""
    text = (REPOSITORY / "locks" / f"{name}.txt").read_text()
    return {canonicalize_name(package): version for package, version in re.findall(r"(?m)^([\w.-]+)==([^ ;]+)", text)}


@pytest.mark.parametrize(
    ("lock", "requirements"),
    [
        ("build", PYPROJECT["build-system"]["requires"]),
        ("lambda", [line for line in LAMBDA if not line.startswith("#")]),
        ("rehearse", BASE + EXTRAS["rehearse"]),
        ("report", BASE + EXTRAS["rehearse"] + EXTRAS["report"]),
        ("dev", BASE + [each for extra in EXTRAS.values() for each in extra] + TOOLS),
    ],
)
def test_lock_satisfies_its_requirements(lock: str, requirements: list[str]) -> None:
    locked = read_lock(lock)
    for requirement in nonempty(map(Requirement, requirements)):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_has_a_hash_for_every_package(lock: str) -> None:
    text = (REPOSITORY / "locks" / f"{lock}.txt").read_text()
    packages = re.split(r"(?m)^(?=[\w.-]+==)", text)[1:]
    assert packages
    assert not [package.splitlines()[0] for package in packages if "--hash=sha256:" not in package]


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_agree_with_the_one_for_development(lock: str) -> None:
    development = read_lock("dev")
    assert {name: development.get(name, version) for name, version in read_lock(lock).items()} == read_lock(lock)


def test_layer_has_no_package_of_the_command_or_of_the_twin() -> None:
    assert not {"cryptography", "moto", "rich", "ruamel-yaml", "setuptools", "typer"} & read_lock("lambda").keys()


def test_base_requires_no_exact_version_and_nothing_of_the_twin() -> None:
    requirements = [Requirement(text) for text in BASE]
    assert not [each for each in nonempty(requirements) if any(clause.operator == "==" for clause in each.specifier)]
    assert not {"moto", "greenlet", "time-machine", "matplotlib", "aws-cdk-lib"} & {each.name for each in requirements}


def test_layer_lock_in_the_package_is_the_lock() -> None:
    """A link in the repository; the wheel and the sdist hold the file."""
    link = Path(REPOSITORY / "infra" / "packaging" / "lambda-lock.txt")
    assert link.resolve() == REPOSITORY / "locks" / "lambda.txt"
