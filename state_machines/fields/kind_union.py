"""A model of any kind, as a pydantic type. The model of a kind loads when a document uses the kind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from leeward.base.import_paths import ImportPath, load


class _Kind(Protocol):
    @property
    def document(self) -> ImportPath: ...


@dataclass(frozen=True, slots=True)
class KindUnion:
    """Annotates a field that holds a model of any of the kinds that `list_kinds` returns, by name.

    Reports a wrong kind with the error types of pydantic's tagged unions, which the loader explains. It isn't such a
    union, because that would load all models.
    """

    list_kinds: Callable[[], Mapping[str, _Kind]]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self._parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda model, info: model.model_dump(mode=info.mode, by_alias=info.by_alias), info_arg=True
            ),
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        models = {name: model.__pydantic_core_schema__ for name, model in self._list_models()}
        return handler(core_schema.tagged_union_schema(models, discriminator="kind"))

    def _list_models(self) -> Iterator[tuple[str, type[BaseModel]]]:
        """Yield the models with their kinds. A broken kind that no document uses must not make others fail."""
        for name, kind in self.list_kinds().items():
            with suppress(ImportError):
                yield name, load(kind.document)

    def _parse(self, value: object) -> BaseModel:
        if isinstance(value, BaseModel):
            return value
        if not isinstance(value, dict):
            raise PydanticCustomError("model_type", "not a mapping")
        if "kind" not in value:
            raise PydanticCustomError("union_tag_not_found", "there is no kind")
        name = value["kind"]
        kind = self.list_kinds().get(name) if isinstance(name, str) else None
        if kind is None:
            raise PydanticCustomError("union_tag_invalid", "there is no such kind")
        model: type[BaseModel] = load(kind.document)
        # As JSON, because in strict mode pydantic takes a list for a tuple only from JSON.
        return model.model_validate_json(json.dumps(value))
