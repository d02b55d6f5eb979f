"""Names the step kinds that have an effect, for the advice in a problem."""

from __future__ import annotations

from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import kinds_with, step_kinds


def name_kinds(effect: Effect, *, fields: str = "", data_planes_only: bool = False) -> str:
    """Return the kinds that can have the effect: `an x.one or y.two step`, or `an x.one with mode: drill`.

    `fields` are the fields that the step needs. With `data_planes_only`, leave out the kinds that need a control plane.
    """
    names = [name for name in kinds_with(effect) if not data_planes_only or not step_kinds()[name].needs_control_plane]
    if not names:
        return f"a step that {effect}" + (f", with {fields}" if fields else "")
    article = "an" if names[0][0] in "aeiou" else "a"
    listed = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{article} {listed} with {fields}" if fields else f"{article} {listed} step"
