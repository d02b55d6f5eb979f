"""An application as large as DRS allows: 300 servers, in as many groups as a team may want to see apart."""

from __future__ import annotations

import io
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.compile.runbook_compiler import compile_runbook
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.runbook.runbook_document import Runbook
from tests.support.paths import RUNBOOKS_FOLDER

SERVERS = 300
WEB_SERVERS = {"home-page", "catalogue-page"}


@lru_cache(maxsize=8)
def quota_size(runbook: str, groups: int) -> BuiltRunbook:
    """A runbook of the website, whose web servers are `groups` groups beside the database, 300 servers in all."""
    yaml = YAML()
    application: dict[str, Any] = yaml.load(
        (RUNBOOKS_FOLDER / "website" / "application.yaml").read_text(encoding="utf-8")
    )
    components = application["components"]
    names = [f"web-{number}" for number in range(1, groups + 1)]
    for name in names:
        tags = {"Application": "website", "Role": name}
        expect = SERVERS // (groups + 1)
        components[name] = {"kind": "drs.servers", "servers": {"tags": tags}, "expect": expect, "after": ["database"]}
    for targets in ("home-targets", "catalogue-targets"):
        components[targets]["serves"] = names[0]
    for name in WEB_SERVERS:
        del components[name]
    document: dict[str, Any] = yaml.load((RUNBOOKS_FOLDER / "website" / f"{runbook}.yaml").read_text(encoding="utf-8"))
    for step in document["steps"]:
        if "groups" in step:
            step["groups"] = ["database", *names]
    app, book = _model(yaml, application, Application), _model(yaml, document, Runbook)
    return BuiltRunbook(app, book, compile_runbook(app, book))


def _model(yaml: YAML, document: object, model: type[Any]) -> Any:
    text = io.StringIO()
    yaml.dump(document, text)
    found = load_text(text.getvalue(), Path("quota.yaml"), model)
    assert isinstance(found, LoadedDocument), "\n".join(str(problem) for problem in found)
    return found.model
