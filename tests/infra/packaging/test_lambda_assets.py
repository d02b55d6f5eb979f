"""The Lambda assets: the same from the same, nothing missing, nothing dead."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from leeward.infra.packaging import zip_archive
from leeward.infra.packaging.asset_measurement import measure_imports
from leeward.infra.packaging.code_asset import (
    DEPLOYED_PACKAGES,
    build_code_archive,
    find_client_services,
    read_code_files,
)
from leeward.infra.packaging.lambda_target import LAMBDA_TARGET
from leeward.infra.packaging.layer_asset import PackagingFailed, build_layer_archive, install_wheels
from leeward.rehearsal.task_functions import list_task_names
from tests.support.nonempty import nonempty

# Both together, unzipped; more than this is dead weight that somebody should have noticed.
MEGABYTES = 25


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as opened:
        return opened.namelist()


def test_archive_is_deterministic(tmp_path: Path) -> None:
    one = zip_archive.write_zip(tmp_path / "one.zip", {"b.py": b"2", "a.py": b"1"})
    other = zip_archive.write_zip(tmp_path / "deeper" / "other.zip", {"a.py": b"1", "b.py": b"2"})
    assert one.read_bytes() == other.read_bytes()


def test_code_archive_ignores_times_and_modes(tmp_path: Path) -> None:
    """A copy with other times and modes, built elsewhere, is the same archive under the same name."""
    for name, content in read_code_files().items():
        path = tmp_path / "copy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o600)
        os.utime(path, (0, 0))
    copied = build_code_archive(tmp_path / "copy" / "leeward", tmp_path / "build")
    assert (copied.name, copied.read_bytes()) == (build_code_archive().name, build_code_archive().read_bytes())


def test_changed_content_changes_archive_name(tmp_path: Path) -> None:
    package = tmp_path / "leeward"
    (package / "common").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "common" / "a.py").write_text("1")
    first = build_code_archive(package, tmp_path / "build")
    (package / "common" / "a.py").write_text("2")
    assert build_code_archive(package, tmp_path / "build").name != first.name


def test_every_task_imports_from_assets_only() -> None:
    """In an interpreter that has no other packages: what was left out is not needed."""
    wanted = tuple(f"leeward.lambdas.{task}" for task in list_task_names())
    assert [module for module, _ in measure_imports((",".join(wanted),), repetitions=1)] == [",".join(wanted)]


def test_botocore_models_of_all_called_services_are_packaged() -> None:
    """Whoever makes a client by a name that is not read out of the code would fail on AWS alone."""
    assert {"acm", "drs", "events", "lambda", "service-quotas", "sns", "xray"} <= find_client_services()
    shipped = {name.split("/")[3] for name in names(build_layer_archive()) if name.startswith("python/botocore/data/")}
    assert find_client_services() <= shipped
    made_by_name = [n for n, text in read_code_files().items() if b"client(service" in text]
    assert made_by_name == [
        *(f"leeward/common/aws/{name}.py" for name in ("clients", "signal_clients")),
        "leeward/readiness/model/check_clients.py",
    ], DEPLOYED_PACKAGES


def test_assets_contain_no_unused_files() -> None:
    shipped = [*names(build_code_archive()), *names(build_layer_archive())]
    dead = (".pyi", "/tests/", ".dist-info/", "/moto/", "/twin/")
    assert not [name for name in nonempty(shipped) if any(part in f"/{name}" for part in dead)]
    assert sum(map(size_without_bytecode, (build_code_archive(), build_layer_archive()))) < MEGABYTES * 1e6


def size_without_bytecode(path: Path) -> int:
    with zipfile.ZipFile(path) as opened:
        return sum(entry.file_size for entry in opened.infolist() if not entry.filename.endswith(".pyc"))


def test_unreachable_package_index_is_reported_with_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("UV_FIND_LINKS", raising=False)
    with pytest.raises(PackagingFailed, match=r"connect to it once. uv then keeps the packages"):
        install_wheels(LAMBDA_TARGET, tmp_path / "installed")
