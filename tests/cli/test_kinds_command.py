"""`leeward kinds` as its user sees it: every kind, one kind, a misspelled kind, and a broken plug-in."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from leeward.base.import_paths import load
from leeward.cli.commands.kinds import complete_kinds
from leeward.cli.main import main
from leeward.kinds import kind_collection, registry
from leeward.kinds.builtin import PLUGIN
from leeward.kinds.descriptors.plugin import Plugin
from tests.support.nonempty import nonempty

STEPS, COMPONENTS = registry.step_kinds(), registry.component_kinds()
OTHER_WAIT = (
    "from dataclasses import replace\nfrom leeward.kinds.builtin.steps.wait import KIND as WAIT\n"
    "KIND = replace(WAIT, name='other.wait', {changes})\n"
)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


@pytest.fixture
def other_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The descriptor of another plug-in's kind, for a test to write. It is installed while the test runs."""
    folder = tmp_path / "strangers" / "steps"
    folder.mkdir(parents=True)
    for package in (folder.parent, folder):
        (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    plugins = PLUGIN, Plugin(name="strangers", step_kinds="strangers.steps")
    monkeypatch.setattr(kind_collection, "plugins", lambda: plugins)
    _forget()
    yield folder / "other_wait.py"
    for name in [name for name in sys.modules if name.partition(".")[0] == "strangers"]:
        del sys.modules[name]
    _forget()


def _forget() -> None:
    for cached in (registry.step_kinds, registry.component_kinds, registry.step_tasks, load):
        cached.cache_clear()


def test_list_has_every_kind_and_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    listed = {line.split()[0] for line in lines if line and not line.startswith(" ")}
    assert listed >= STEPS.keys() | COMPONENTS.keys()
    (moving,) = [i for i, line in enumerate(lines) if line.startswith("arc.route ")]
    assert lines[moving].endswith("changes,    ")
    assert "moves users" in lines[moving + 1]
    assert lines[-1] == "Details of one kind: leeward kinds KIND"


def test_json_has_everything_about_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert [kind["name"] for kind in output["step_kinds"]] == list(STEPS)
    assert [kind["name"] for kind in output["component_kinds"]] == list(COMPONENTS)
    for kind in nonempty(output["step_kinds"]):
        assert kind["compiler"] == STEPS[kind["name"]].compiler
        assert kind["effects"] == sorted(STEPS[kind["name"]].effects)
        assert kind["schema"]["properties"]["kind"]["const"] == kind["name"]
        assert kind["plugin"] == "leeward"


@pytest.mark.parametrize("name", [*STEPS, *COMPONENTS])
def test_every_kind_can_be_shown(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds", name]) == 0
    shown, _, example = capsys.readouterr().out.partition("\nexample\n")
    assert max(map(len, shown.splitlines())) <= 80
    assert shown.startswith(f"{name}  ")
    document = load((STEPS.get(name) or COMPONENTS[name]).document)
    fields = {line.split()[0] for line in shown.splitlines() if line and not line.startswith(" ")}
    assert fields >= {field.alias or key for key, field in document.model_fields.items()} - {"kind"}
    assert "PT" not in shown, "durations are written as in a document"
    assert not example or f"kind: {name}" in example


def test_step_kind_is_shown_with_times_effects_services_and_fields(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds", "drs.recover"]) == 0
    shown = capsys.readouterr().out
    for words in (
        "effects       changes resources, launches servers",
        "planned time  median 13m, 95th percentile 20m",
        "timeout       30m for one attempt",
        "if it fails   stop, by default",
        "undo          possible; a failed undo doesn't stop the rollback",
        "needs         drs control plane in the Region that the step acts in",
        "caution       A control plane may be unavailable",
        "tasks         drs_recover, drs_recover_undo",
        "readiness     replication, launch, quota",
    ):
        assert words in shown
    required, optional = shown.index("groups         required"), shown.index("in             default: target")
    assert required < optional < shown.index("timeout        optional")


def test_component_is_shown_with_fields_and_simulated_services(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds", "arc.routing_controls"]) == 0
    shown = capsys.readouterr().out
    assert "it decides which Region users reach" in shown
    assert "simulated" in shown
    assert "endpoints" in shown
    assert "\nexample\n" not in shown


def test_unknown_kind_gets_suggestion_and_exit_code_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds", "drs.recver", "--json"]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "there is no kind 'drs.recver'" in output.err
    assert "Did you mean drs.recover?" in output.err


def test_kind_of_another_plugin_is_shown_with_its_plugin(
    other_plugin: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other_plugin.write_text(OTHER_WAIT.format(changes="example='strangers.steps:missing.yaml'"))
    assert main(["kinds"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[[line.split()[:1] for line in lines].index(["other.wait"]) + 1].strip() == "from strangers"
    assert main(["kinds", "other.wait"]) == 0
    shown = capsys.readouterr().out
    assert "plug-in       strangers" in shown
    assert shown.endswith("no example\n")


@pytest.mark.parametrize(
    ("descriptor", "arguments", "message"),
    [
        ("import nowhere", ["kinds"], "plug-in strangers: strangers.steps.other_wait can't be loaded: ModuleNotFound"),
        ("KIND = 1", ["kinds", "wait"], "plug-in strangers: KIND in strangers.steps.other_wait is not a StepKind"),
        ("KIND = 1", ["plan", "website", "drill"], "plug-in strangers: KIND in strangers.steps.other_wait is not a"),
        (
            OTHER_WAIT.format(changes="document='strangers.nowhere:Model'"),
            ["kinds", "other.wait"],
            "plug-in strangers: the document of other.wait can't be loaded: BrokenImportPath",
        ),
    ],
)
def test_broken_plugin_is_named_without_traceback(
    other_plugin: Path, capsys: pytest.CaptureFixture[str], descriptor: str, arguments: list[str], message: str
) -> None:
    other_plugin.write_text(descriptor)
    assert main(arguments) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert message in output.err
    assert "unexpected" not in output.err
    assert "Traceback" not in output.err
    assert "LEEWARD_DEBUG=1" in output.err


def test_debug_variable_shows_the_traceback_of_a_plugin(
    other_plugin: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other_plugin.write_text("import nowhere")
    monkeypatch.setenv("LEEWARD_DEBUG", "1")
    assert main(["kinds"]) == 2
    assert "ModuleNotFoundError: No module named 'nowhere'" in capsys.readouterr().err


def test_broken_plugin_completes_no_kinds(other_plugin: Path) -> None:
    other_plugin.write_text("KIND = 1")
    assert complete_kinds("") == []


def test_help_has_examples_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds", "--help"]) == 0
    help_text = capsys.readouterr().out
    assert "leeward kinds KIND" in help_text.split("Examples:")[1]
    assert "Exit codes: 0 " in help_text
