"""The example plug-in in an environment of its own: every command supports its step kind."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.conftest import Installation, install
from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "plugin-rds-promote"
KIND = "rds.promote_read_replica"
# Runs commands in one process, with packages of hostile names on the path, which none of them may import.
RUN_COMMANDS = """
import json, sys
from leeward.cli.main import main
codes = [main(arguments) for arguments in json.loads(sys.argv[1])]
bare = {"drs", "infra", "lambdas", "state_machines"} & {name.partition(".")[0] for name in sys.modules}
print(json.dumps({"codes": codes, "bare": sorted(bare)}), file=sys.stderr)
"""
# Invokes the readiness function of a rehearsal's world, as its schedule does.
READINESS = """
import json, pathlib
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.state_machines.deployment.readiness_event import build_readiness_input
with open_sweep_session(SweepTarget(pathlib.Path.cwd(), "website", "failover", 7)) as (session, ready):
    event = build_readiness_input(ready, [ready]) | {"functions": "leeward-"}
    client = session.engine.client("lambda", "us-west-2")
    answer = client.invoke(FunctionName="leeward-readiness", Payload=json.dumps(event))
    print(answer["Payload"].read().decode())
"""
WRITE_ASSET = """
import pathlib, sys
from leeward.infra.packaging.code_asset import read_code_files
for name, content in read_code_files().items():
    path = pathlib.Path(sys.argv[1], name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
"""
# In the archive alone, as on Lambda: the layer has the dependencies.
IMPORT_TASK = """
import sys
sys.path[:0] = sys.argv[1:]
import leeward_rds_promote.task
from leeward.kinds.registry import is_journaled, step_kinds
from leeward.readiness.evaluation import list_checks
assert step_kinds()["rds.promote_read_replica"].tasks
assert "database" in {check.area for check in list_checks()}
assert leeward_rds_promote.__file__.startswith(sys.argv[1]), leeward_rds_promote.__file__
handlers = [name for name in sys.modules if name.startswith("leeward.lambdas.") and name.count(".") == 2]
print(sorted(set(handlers) - {"leeward.lambdas.runtime", "leeward.lambdas.shared"}))
"""


@pytest.fixture(scope="session")
def extended(distributions: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Leeward's wheel, and the example's."""
    folder = tmp_path_factory.mktemp("extended")
    environment = install(distributions[1], Path(sysconfig.get_paths()["purelib"]), folder / "environment")
    shutil.copytree(EXAMPLE, folder / "example", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip"]
    offline = ["--quiet", "--no-deps", "--no-index"]
    subprocess.run(
        [*pip, "wheel", *offline, "--no-build-isolation", "-w", str(folder / "dist"), str(folder / "example")],
        check=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    python = str(environment.folder / "bin" / "python")
    subprocess.run([*pip, "--python", python, "install", *offline, str(wheel)], check=True)
    return environment


@pytest.fixture
def orders(project: Path) -> Path:
    """A website that has a database on RDS too. Its failover promotes the replica, which takes longer."""
    application, failover = (project / "runbooks" / "website" / f"{name}.yaml" for name in ("application", "failover"))
    component = "  orders:\n    kind: rds.read_replica\n    instances: {us-east-1: orders, us-west-2: orders-replica}\n"
    step = f"  - name: Promote the orders database\n    kind: {KIND}\n    component: orders\n"
    _insert(application, component, after="components:\n")
    _insert(failover, step, before="\n  - name: Recover the servers\n")
    application.write_text(application.read_text().replace("rto: 30m", "rto: 1h"))
    return project


def _insert(path: Path, text: str, *, after: str = "", before: str = "") -> None:
    place = after or before
    document = path.read_text()
    assert document.count(place) == 1, f"{path.name} has no single {place!r}"
    path.write_text(document.replace(place, f"{after}{text}{before}"))


def _run(environment: Installation, project: Path, *commands: list[str]) -> subprocess.CompletedProcess[str]:
    done = environment.run(project, "python", "-c", RUN_COMMANDS, json.dumps(commands))
    report = json.loads(done.stderr.splitlines()[-1])
    expected = {"codes": [0] * len(commands), "bare": []}
    assert report == expected, f"{report}\n{done.stderr[-3000:]}\n{done.stdout[-3000:]}"
    return done


def test_example_imports_only_the_public_api() -> None:
    modules = [
        name
        for path in nonempty(sorted((EXAMPLE / "src").rglob("*.py")))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.partition(".")[0] == "leeward"
    ]
    assert set(modules) == {"leeward.api"}


def _imported(node: ast.AST) -> list[str]:
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            return [node.module or ""]
        case _:
            return []


@pytest.mark.verify("a rehearsal in another environment")
def test_kind_compiles_plans_and_rehearses(extended: Installation, orders: Path) -> None:
    rehearse = ["rehearse", "website", "failover", "--report", "build/report", "--json"]
    done = _run(
        extended,
        orders,
        ["--version"],
        ["kinds", KIND],
        ["compile"],
        ["validate"],
        ["plan", "website", "failover"],
        rehearse,
    )
    assert "plug-in       rds-promote" in done.stdout
    assert '"name": "promoted-once"' in done.stdout
    (page,) = (orders / "build" / "report").glob("*.html")
    assert "<h2>Databases</h2>" in page.read_text(encoding="utf-8")


def test_wrong_document_of_the_kind_is_explained(extended: Installation, orders: Path) -> None:
    failover = orders / "runbooks" / "website" / "failover.yaml"
    failover.write_text(failover.read_text().replace("component: orders", "component: order"))
    done = extended.run(orders, "leeward", "validate")
    assert done.returncode == 1
    assert 'unknown component "order"' in done.stdout
    assert 'did you mean "orders"?' in done.stdout


@pytest.mark.verify("a bounded sweep of 24 trials")
def test_kind_is_swept(extended: Installation, orders: Path) -> None:
    _run(extended, orders, ["compile"], ["sweep", "website", "failover", "--quick", "--limit", "24"])


@pytest.mark.verify("opens another rehearsal's world; the checks of plug-ins run in test_broken_plugins too")
def test_readiness_checks_the_replica(extended: Installation, orders: Path) -> None:
    _run(extended, orders, ["compile"])
    done = extended.run(orders, "python", "-c", READINESS)
    (finding,) = (
        one for one in json.loads(done.stdout.splitlines()[-1])["findings"] if one["check"] == "database.replica"
    )
    assert (finding["status"], finding["subject"]) == ("ok", "orders-replica in us-west-2")


def test_role_may_promote_the_replica_and_nothing_else(extended: Installation, orders: Path) -> None:
    (orders / "infra").mkdir()
    (orders / "infra" / "environments").symlink_to(REPOSITORY / "infra" / "environments")
    _run(extended, orders, ["compile"])
    done = extended.run(orders, "python", "-m", "leeward.infra", "permissions", "website", "example")
    statements = [
        statement
        for role in _read_documents(done.stdout)
        for statement in _find_statements(role)
        if any(action.startswith("rds:") for action in statement["Action"])
    ]
    assert all("orders" in resource for one in nonempty(statements) for resource in one["Resource"])
    assert {action for one in statements for action in one["Action"]} == {
        "rds:DescribeDBInstances",
        "rds:PromoteReadReplica",
    }


@pytest.mark.verify("synthesizes the templates of an application, and again after a change of the plug-in")
def test_templates_have_the_function_and_follow_changes_of_the_plugin(
    extended: Installation, orders: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With this environment, which has Node, uv, and the layer, and finds the plug-in in a folder."""
    for path in (path for pattern in ("*promote", "*promote-*") for path in extended.site_packages.glob(pattern)):
        shutil.copytree(path, tmp_path / "plugin" / path.name)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "plugin"))
    (orders / "infra").mkdir()
    (orders / "infra" / "environments").symlink_to(REPOSITORY / "infra" / "environments")
    (orders / "build").mkdir()
    (REPOSITORY / "build" / "lambda").mkdir(parents=True, exist_ok=True)
    (orders / "build" / "lambda").symlink_to(REPOSITORY / "build" / "lambda")
    _run(extended, orders, ["compile"])
    task = tmp_path / "plugin" / "leeward_rds_promote" / "task.py"
    keys = set()
    for _ in range(2):
        task.write_text(f"{task.read_text()}# changed\n")
        command = [sys.executable, "-m", "leeward.infra", "--root", str(orders), "synth", "website", "example"]
        subprocess.run(command, check=True, capture_output=True)
        folder = orders / "build" / "cdk.out" / "website-example"
        templates = [path.read_text() for path in folder.glob("*.template.json")]
        assert [text for text in templates if '"Handler": "leeward_rds_promote.task.handler"' in text]
        keys.add((folder / ".made-from").read_text())
    assert len(keys) == 2


def _read_documents(text: str) -> Iterator[Any]:
    """Yield the JSON documents that follow each other in the text."""
    decoder, place = json.JSONDecoder(), 0
    while text[place:].strip():
        document, place = decoder.raw_decode(text, place + len(text[place:]) - len(text[place:].lstrip()))
        yield document


def _find_statements(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and "Action" in value:
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _find_statements(inner)


def test_lambda_archive_has_the_task_and_no_simulation(extended: Installation, orders: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    written = extended.run(orders, "python", "-c", WRITE_ASSET, str(archive))
    assert written.returncode == 0, written.stderr
    names = {path.name for path in (archive / "leeward_rds_promote").rglob("*.py")}
    assert {"task.py", "readiness.py", "read_replica.py"} <= names
    assert not names & {"simulation.py", "promotion.py", "permissions.py"}
    packages = sysconfig.get_paths()["purelib"]
    done = subprocess.run(
        [sys.executable, "-S", "-c", IMPORT_TASK, str(archive), packages], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
