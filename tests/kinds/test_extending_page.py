"""docs/extending.md shows a complete step kind. Its code works as it is written there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.paths import REPOSITORY

PAGE = (REPOSITORY / "docs" / "extending.md").read_text(encoding="utf-8")
# A block follows a paragraph that ends in the file's path, such as (`leeward_cdn/task.py`):
_FILE_BLOCK = re.compile(r"\(`(leeward_cdn/[\w./]+)`\):\n\n```\w+\n(.*?)```", re.DOTALL)
_PLUGIN_BLOCK = re.compile(r"```python\n(from leeward\.api import Plugin\n.*?)```\n\n```toml\n(.*?)```", re.DOTALL)
# Rehearses the page's runbook, with a distribution that has the ID of the example.
REHEARSAL = """
import pathlib
from moto.cloudfront.models import cloudfront_backends
from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
origin = {"Id": "o", "DomainName": "example.com", "CustomOriginConfig": {
    "HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}}
behavior = {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all", "MinTTL": 0,
    "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}}}
config = {"CallerReference": "a", "Origins": {"Quantity": 1, "Items": [origin]}, "DefaultCacheBehavior": behavior,
    "Comment": "", "Enabled": True}
with open_sweep_session(SweepTarget(pathlib.Path.cwd(), "website", "empty-cache", 7)) as (session, ready):
    client = session.engine.client("cloudfront", "us-east-1")
    made = client.create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    distributions = cloudfront_backends[session.application.account]["aws"].distributions
    distributions["E2EXAMPLE"] = distributions.pop(made)
    print(play_run(session, ready, "page", {})[1].outcome.value)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the website's application, and the page's package, which is installed in the folder `packages`."""
    files = dict(_FILE_BLOCK.findall(PAGE))
    assert len(files) == 5
    (plugin, entry_points), *more = _PLUGIN_BLOCK.findall(PAGE)
    assert not more
    packages = tmp_path / "packages"
    for path, text in {**files, "leeward_cdn/__init__.py": plugin, "leeward_cdn/steps/__init__.py": ""}.items():
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text(text, encoding="utf-8")
    metadata = packages / "leeward_cdn-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: leeward-cdn\nVersion: 1\n")
    line = entry_points.splitlines()[1].replace('"', "")
    assert entry_points.splitlines()[0] == '[project.entry-points."leeward.plugins"]'
    (metadata / "entry_points.txt").write_text(f"[leeward.plugins]\n{line}\n")
    shutil.copytree(REPOSITORY / "workloads" / "website", tmp_path / "workloads" / "website")
    (tmp_path / "runbooks" / "website").mkdir(parents=True)
    shutil.copy(REPOSITORY / "runbooks" / "website" / "application.yaml", tmp_path / "runbooks" / "website")
    (tmp_path / "runbooks" / "website" / "empty-cache.yaml").write_text(files["leeward_cdn/example.yaml"])
    return tmp_path


def _run(project: Path, *arguments: str) -> str:
    environment = {"PYTHONPATH": str(project / "packages"), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.verify("four commands and a rehearsal, each in a process of its own")
def test_kind_on_the_page_is_listed_compiled_planned_and_rehearsed(project: Path) -> None:
    assert "Empty the cache of a CloudFront distribution" in _run(
        project, "-m", "leeward.cli", "kinds", "cdn.invalidate"
    )
    _run(project, "-m", "leeward.cli", "compile")
    _run(project, "-m", "leeward.cli", "validate")
    assert "cdn.invalidate" in _run(project, "-m", "leeward.cli", "plan", "website", "empty-cache", "--json")
    assert _run(project, "-c", REHEARSAL).endswith("\nsucceeded\n")
