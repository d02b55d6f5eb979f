"""Builds the JSON Schemas of the documents, for editors."""

from __future__ import annotations

from typing import cast

from pydantic import BaseModel

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.asl.serialization.json_text import to_json_text
from leeward.state_machines.asl.serialization.json_types import Json, JsonObject
from leeward.state_machines.runbook.runbook_document import Runbook

_SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def build_schemas() -> dict[str, str]:
    """Return the text of each schema file, by file name."""
    return {
        "application.schema.json": _schema_text(Application, "A Leeward application"),
        "runbook.schema.json": _schema_text(Runbook, "A Leeward runbook"),
    }


def _schema_text(model: type[BaseModel], title: str) -> str:
    schema: JsonObject = {"$schema": _SCHEMA_DIALECT} | cast("JsonObject", model.model_json_schema()) | {"title": title}
    return to_json_text(cast("Json", schema))
