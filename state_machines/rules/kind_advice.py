"""Names the step kinds that have an effect, for the advice in a problem."""

from __future__ import annotations

import re

from pydantic import BaseModel

from leeward.base.import_paths import load
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import kinds_with, step_kinds


def name_kinds(effect: Effect, *, fields: str = "", data_planes_only: bool = False) -> str:
    """Return the kinds that can have the effect: `an x.one or y.two step`, or `an x.one with mode: drill`.

    `fields` are the fields that the step needs, such as `mode: drill and in: target`: kinds without them are left out.
    With `data_planes_only`, kinds that need a control plane are left out, and those that only put a Region back.
    """
    wanted = set(re.findall(r"(\w+):", fields))
    names = [name for name in kinds_with(effect) if wanted <= _list_fields(name)]
    if data_planes_only:
        kinds = step_kinds()
        names = [n for n in names if not kinds[n].needs_control_plane and not kinds[n].has(Effect.RESTORES_SERVICE)]
    if not names:
        return f"a step that {effect}" + (f", with {fields}" if fields else "")
    article = "an" if names[0][0] in "aeiou" else "a"
    listed = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{article} {listed} with {fields}" if fields else f"{article} {listed} step"


def _list_fields(kind: str) -> set[str]:
    """Return the fields of a kind's document, as documents write them."""
    try:
        model: type[BaseModel] = load(step_kinds()[kind].document)
    except ImportError:
        return set()
    return {field.alias or name for name, field in model.model_fields.items()}
