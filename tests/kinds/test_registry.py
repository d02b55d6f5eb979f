"""Kinds are discovered from plug-ins. A broken plug-in is named, with what to do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeward.base.import_paths import BrokenImportPath, load
from leeward.kinds import kind_collection, registry
from leeward.kinds.builtin import PLUGIN
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.descriptors.plugin import Plugin
from leeward.kinds.plugin_discovery import PluginError
from leeward.readiness.evaluation import list_checks
from tests.support.nonempty import nonempty

KINDS = registry.step_kinds()


@pytest.fixture
def other_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package `others.steps` for descriptors of another plug-in, which is installed while the test runs."""
    folder = tmp_path / "others" / "steps"
    folder.mkdir(parents=True)
    (tmp_path / "others" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    others = Plugin(name="others", step_kinds="others.steps")
    monkeypatch.setattr(kind_collection, "plugins", lambda: (PLUGIN, others))
    _forget()
    yield folder
    for name in [name for name in sys.modules if name.partition(".")[0] == "others"]:
        del sys.modules[name]
    _forget()


def _forget() -> None:
    for cached in (registry.step_kinds, registry.step_tasks, load):
        cached.cache_clear()


@pytest.mark.parametrize("name", KINDS)
def test_every_import_path_of_a_kind_exists(name: str) -> None:
    kind = KINDS[name]
    paths = [kind.document, kind.compiler, kind.checks, kind.keeps_effect, kind.waves, kind.cost, kind.quotas]
    paths += [kind.planned_time.from_document]
    paths += [] if kind.undo is None else [kind.undo.compiler, kind.undo.applies]
    for task in kind.all_tasks:
        paths += [task.handler, task.permissions, task.probed_permissions]
    for path in nonempty([path for path in paths if path is not None]):
        assert callable(load(path)), path


@pytest.mark.parametrize("name", KINDS)
def test_kind_and_module_names_agree(name: str) -> None:
    assert load(f"leeward.kinds.builtin.steps.{name.replace('.', '_')}:KIND") is KINDS[name]
    assert load(KINDS[name].document).model_fields["kind"].annotation.__args__ == (name,)


@pytest.mark.parametrize("name", KINDS)
def test_readiness_areas_and_simulated_services_exist(name: str) -> None:
    assert {check.area for check in list_checks()} >= set(KINDS[name].readiness)
    assert {service.name for plugin in kind_collection.plugins() for service in plugin.simulated_services} >= set(
        KINDS[name].simulation
    )


def test_plugin_with_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind_collection, "plugins", lambda: (Plugin(name="others", step_kinds="nowhere.steps"),))
    registry.step_kinds.cache_clear()
    with pytest.raises(PluginError, match=r"the plug-in others: nowhere\.steps can't be loaded"):
        registry.step_kinds()
    registry.step_kinds.cache_clear()


def test_new_module_is_a_new_kind(other_plugin: Path) -> None:
    (other_plugin / "other_wait.py").write_text(
        "from dataclasses import replace\nfrom leeward.kinds.builtin.steps.wait import KIND as WAIT\n"
        "KIND = replace(WAIT, name='other.wait')\n"
    )
    assert registry.step_kinds()["other.wait"].summary == KINDS["wait"].summary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nowhere", r"plug-in others: others\.steps\.bad can't be loaded: ModuleNotFoundError.*nowhere"),
        ("KIND = 'wait'", r"plug-in others: KIND in others\.steps\.bad is not a StepKind"),
        ("", r"plug-in others: others\.steps\.bad can't be loaded: BrokenImportPath.*has no KIND"),
        ("from leeward.kinds.builtin.steps.wait import KIND", "wait is a kind of both leeward and others"),
    ],
)
def test_broken_descriptor_is_named_with_its_plugin(other_plugin: Path, text: str, message: str) -> None:
    (other_plugin / "bad.py").write_text(text)
    with pytest.raises(PluginError, match=message):
        registry.step_kinds()


def test_two_declarations_of_one_task_are_refused(other_plugin: Path) -> None:
    (other_plugin / "other_lock.py").write_text(
        "from dataclasses import replace\nfrom leeward.kinds.builtin.steps.lock import KIND as LOCK\n"
        "KIND = replace(LOCK, name='other.lock', tasks=(replace(LOCK.tasks[0], handler='others:handler'),))\n"
    )
    with pytest.raises(PluginError, match="two kinds declare the task lock_acquire differently"):
        registry.step_tasks()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("leeward.nowhere:thing", "there is no module leeward.nowhere"),
        ("leeward.base.arns:thing", "the module leeward.base.arns has no thing"),
        ("leeward.base.arns", "not an import path"),
        (":Arn", "not an import path"),
    ],
)
def test_broken_import_path_says_what_is_missing(path: str, message: str) -> None:
    with pytest.raises(BrokenImportPath, match=message):
        load(path)


def test_reading_descriptors_loads_neither_documents_nor_tasks() -> None:
    program = (
        "import sys; from leeward.kinds.registry import step_kinds, step_tasks, component_kinds; "
        "assert len(step_kinds()) > 20 and step_tasks(); component_kinds(); "
        "print([m for m in sys.modules if m.startswith('leeward.') and m.split('.')[1] not in ('kinds', 'base')])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_unknown_kind_of_an_old_journal_has_no_effect() -> None:
    assert not registry.has_effect("old.kind", Effect.CHANGES)
    assert registry.is_journaled("old.kind")
    assert registry.may_be_skipped("old.kind")
