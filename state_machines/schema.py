"""JSON Schemas of the documents, for editors."""

from __future__ import annotations

from typing import cast

from pydantic import BaseModel

from leeward.state_machines.asl.json import Json, JsonObject
from leeward.state_machines.asl.text import to_text
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.runbook import Runbook

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """File name -> text, for the application and the runbook."""
    return {
        "application.schema.json": _text(Application, "A Leeward application"),
        "runbook.schema.json": _text(Runbook, "A Leeward runbook"),
    }


def _text(model: type[BaseModel], title: str) -> str:
    schema: JsonObject = {"$schema": _DIALECT} | cast("JsonObject", model.model_json_schema()) | {"title": title}
    return to_text(cast("Json", schema))
