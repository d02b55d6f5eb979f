"""Whatever a file holds, load and validate answer with problems, never with an exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.asl.serialization.json_text import to_json_text
from leeward.state_machines.compile.runbook_compiler import compile_runbook
from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity
from leeward.state_machines.load.document_loader import ApplicationFolder, LoadedDocument, load_text
from leeward.state_machines.load.text_files import read_text
from leeward.state_machines.load.yaml_parser.yaml_nodes import parse_yaml
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.validate.document_validation import validate_folder
from tests.state_machines.conftest import DOCUMENTS
from tests.support.paths import RUNBOOKS_FOLDER

FOLDERS = (RUNBOOKS_FOLDER / "website", DOCUMENTS / "shop")
TEXTS = {path: path.read_text("utf-8") for folder in FOLDERS for path in sorted(folder.glob("*.yaml"))}
VALID_TEXTS = {path: parse_yaml(text, path)[0] for path, text in TEXTS.items()}
few_examples = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

words = st.sampled_from(
    ["website", "lock", "undo", "retry", "us-east-1", "database", "web", "0s", "15m", "latest", "", "a.$", "[]", "/",
     "arn:aws:", "arn:aws:lambda:us-west-2:111122223333:function:f", "drs.recover", "wait", "drill", "é終",
     "s-11111111111111111"]
)  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | words
    | st.text(max_size=8)
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words | st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
yaml_words = st.sampled_from(
    [
        *"-:?,[]{}#&*!|>'\"%@`~\n\t \\",
        "a",
        "steps",
        "kind",
        "- ",
        ": ",
        "&x ",
        "*x",
        "<<: ",
        "---\n",
        "!!int ",
        "\ufeff",
    ]
)


# One of the two documents is mostly a good one, as it is.
load_once = lru_cache(maxsize=64)(load_text)


def check(application_text: str, runbook_text: str, folder: Path) -> None:
    """Loads and validates both, and compiles them where no problem is found."""
    application = load_once(application_text, folder / "application.yaml", Application)
    runbook = load_once(runbook_text, folder / "failover.yaml", Runbook)
    found = [*(application if isinstance(application, list) else ()), *(runbook if isinstance(runbook, list) else ())]
    loaded = application if isinstance(application, LoadedDocument) else None
    runbooks = (runbook,) if isinstance(runbook, LoadedDocument) else ()
    problems = list(validate_folder(ApplicationFolder(folder, loaded, runbooks, tuple(found))))
    lines = max(application_text.count("\n"), runbook_text.count("\n")) + 2
    for problem in problems:
        assert isinstance(problem, DocumentProblem)
        assert problem.message
        assert 1 <= problem.line <= lines
        assert problem.column >= 1
        assert str(problem).isprintable()
    if loaded and runbooks and not any(problem.severity is Severity.ERROR for problem in problems):
        compiled = compile_runbook(loaded.model, runbooks[0].model)
        assert all(0 < len(name) <= 80 for name in compiled.machine.states)
        json.loads(compiled.text)


def texts_with(path: Path, text: str) -> tuple[str, str]:
    """The application's text and a runbook's, one of which is `text`, in the place of `path`."""
    if path.name == "application.yaml":
        return text, TEXTS[path.parent / "failover.yaml"]
    return TEXTS[path.parent / "application.yaml"], text


@few_examples
@given(st.text() | st.lists(yaml_words, max_size=40).map("".join))
def test_arbitrary_text_never_raises(text: str) -> None:
    check(text, text, FOLDERS[0])


@few_examples
@given(values, values)
def test_arbitrary_structure_never_raises(application: Any, runbook: Any) -> None:
    check(to_json_text(application), to_json_text(runbook), FOLDERS[0])


@few_examples
@given(st.binary(max_size=60))
def test_arbitrary_bytes_never_raise(tmp_path_factory: Any, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    text = read_text(path)
    if isinstance(text, str):
        check(text, text, FOLDERS[0])


@settings(few_examples, max_examples=150)
@given(st.data())
def test_mutated_document_never_raises(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(VALID_TEXTS)))
    good = json.loads(json.dumps(VALID_TEXTS[path]))
    _mutate(good, data.draw)
    check(*texts_with(path, to_json_text(good)), path.parent)


@few_examples
@given(st.data())
def test_edited_text_never_raises(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted(TEXTS)))
    text = TEXTS[path]
    start = data.draw(st.integers(0, len(text)))
    end = min(len(text), start + data.draw(st.integers(0, 12)))
    typed = data.draw(st.lists(yaml_words, max_size=4).map("".join) | st.text(max_size=3))
    check(*texts_with(path, text[:start] + typed + text[end:]), path.parent)


def _mutate(node: Any, draw: Callable[[Any], Any]) -> None:
    """Goes down to some place in `node` and changes, removes, adds or renames what is there."""
    while True:
        keys = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            return
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], dict | list) and node[key] and draw(st.booleans()):
            node = node[key]
            continue
        action = draw(st.sampled_from(["change", "remove", "add", "copy"]))
        if action == "change":
            node[key] = draw(values)
        elif action == "remove":
            del node[key]
        elif isinstance(node, list):
            node.append(node[key] if action == "copy" else draw(values))
        else:
            node[draw(words | st.text(max_size=5))] = node[key] if action == "copy" else draw(values)
        return
