"""The CDK app knows no application: a new one needs documents and no code in `infra`."""

from __future__ import annotations

import ast

from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY, RUNBOOKS_FOLDER


def test_no_module_of_infra_compares_with_the_name_of_an_application() -> None:
    names = {path.parent.name for path in RUNBOOKS_FOLDER.glob("*/application.yaml")}
    assert {"website", "ticketing"} <= names
    found = [
        f"{path}:{node.lineno}"
        for path in nonempty(sorted((REPOSITORY / "infra").rglob("*.py")))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert found == []
