"""The Lambda assets: the same from the same, nothing missing, nothing dead."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from leeward.infra.packaging import archive
from leeward.infra.packaging.code import PACKAGES, code, files, services
from leeward.infra.packaging.layer import CannotPackage, install, layer
from leeward.infra.packaging.measure import imports, sizes
from leeward.infra.packaging.target import LAMBDA
from leeward.twin.tasks import tasks

# Both together, unzipped; more than this is dead weight that somebody should have noticed.
MEGABYTES = 25


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as opened:
        return opened.namelist()


def test_the_same_files_are_the_same_bytes_whenever_and_wherever_they_were_written(tmp_path: Path) -> None:
    one = archive.write(tmp_path / "one.zip", {"b.py": b"2", "a.py": b"1"})
    other = archive.write(tmp_path / "deeper" / "other.zip", {"a.py": b"1", "b.py": b"2"})
    assert one.read_bytes() == other.read_bytes()


def test_the_code_does_not_depend_on_the_checkout(tmp_path: Path) -> None:
    """A copy with other times and modes, built elsewhere, is the same archive under the same name."""
    for name, content in files().items():
        path = tmp_path / "copy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
        os.utime(path, (0, 0))
    copied = code(tmp_path / "copy" / "leeward", tmp_path / "build")
    assert (copied.name, copied.read_bytes()) == (code().name, code().read_bytes())


def test_another_content_is_another_archive(tmp_path: Path) -> None:
    package = tmp_path / "leeward"
    (package / "common").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "common" / "a.py").write_text("1")
    first = code(package, tmp_path / "build")
    (package / "common" / "a.py").write_text("2")
    assert code(package, tmp_path / "build").name != first.name


def test_every_task_can_be_imported_from_the_assets_alone() -> None:
    """In an interpreter that has no other packages: what was left out is not needed."""
    wanted = tuple(f"leeward.lambdas.{task}" for task in tasks())
    assert [module for module, _ in imports((",".join(wanted),), times=1)] == [",".join(wanted)]


def test_the_model_of_every_service_that_is_called_is_shipped() -> None:
    """Whoever makes a client by a name that is not read out of the code would fail on AWS alone."""
    assert {"acm", "drs", "lambda", "service-quotas", "xray"} <= services()
    shipped = {name.split("/")[3] for name in names(layer()) if name.startswith("python/botocore/data/")}
    assert services() <= shipped
    made_by_name = [n for n, text in files().items() if b"client(service" in text]
    assert made_by_name == ["leeward/common/aws.py", "leeward/readiness/reach.py"], PACKAGES


def test_nothing_dead_is_shipped() -> None:
    shipped = [*names(code()), *names(layer())]
    dead = (".pyc", ".pyi", "/tests/", ".dist-info/", "/moto/", "/twin/")
    assert not [name for name in shipped if any(part in f"/{name}" for part in dead)]
    assert sum(sizes(path)[1] for path in (code(), layer())) < MEGABYTES * 1e6


def test_an_index_that_can_not_be_reached_is_told_with_the_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    with pytest.raises(CannotPackage, match="connect once: they are kept in uv's cache"):
        install(LAMBDA, tmp_path / "installed")
