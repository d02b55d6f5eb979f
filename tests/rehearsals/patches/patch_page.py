"""The page `docs/generated/twin-patches.md`: what each patch of the twin changes, in an experiment and in a rehearsal.

    python -m tests.rehearsals.patches.patch_page

plays each rehearsal with every patch and without each patch that it shows, and writes the page. It takes minutes.

    python -m tests.rehearsals.patches.patch_page PATCH...

only prints what changes without these patches.
"""

from __future__ import annotations

import inspect
import json
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from leeward.rehearsal.worlds.world_builder import PATCHES
from leeward.twin.patching.patch_set import patch_name
from tests.rehearsals.patches.patch_trials import find_change, measure_cost
from tests.rehearsals.patches.short_rehearsals import REHEARSALS
from tests.rehearsals.patches.shown_patches import COST_REHEARSALS, NOT_SHOWN, SAVING, SHOWN_BY
from tests.support.paths import REPOSITORY
from tests.twin.engine.patch_experiments.expected_observations import EXPECTED
from tools.generate_docs import markdown_table

PAGE = REPOSITORY / "docs" / "generated" / "twin-patches.md"
_LONGEST_VALUE = 30
# Two plays of a rehearsal differ by a tenth of this.
_SMALLEST_SAVING_PERCENT = 0.001
_HEADER = ("Patch", "Rehearsal", "Without the patch")
_EXPERIMENT_HEADER = ("Patch", "With it", "Without it")
_INTRODUCTION = """\
# Figures: patches of the twin

The twin replaces parts of moto, botocore, and Python while a simulation is open. Each patch has an experiment that runs
with every patch and without that one. Most patches also change one of the short rehearsals at the end. The column
*without the patch* has what a reader notices first when only that patch is left out.

The command

    python -m tests.rehearsals.patches.patch_page

measures the tables. `make test` compares the page with the list of patches and with the experiments. `make verify`
plays the rehearsals again.
"""
_SAVING = """\
## Patches that save work

Without these patches, a rehearsal observes the same and costs more. The last column is the increase in calls of Python
functions. It doesn't count the work inside C functions, such as reading JSON.
"""
Changes = Mapping[str, str]


def measure_change(patch: str) -> str:
    """Return the last cell of the patch's row. Raises AssertionError when the rehearsal shows no change."""
    if patch in SHOWN_BY:
        change = find_change(SHOWN_BY[patch], patch)
        assert change is not None, f"{SHOWN_BY[patch]} is the same without {patch}"
        return change
    change, percent = measure_cost(COST_REHEARSALS[patch], patch)
    assert change is None, f"{patch} saves work, but {COST_REHEARSALS[patch]} changes without it: {change}"
    assert percent > _SMALLEST_SAVING_PERCENT, f"{COST_REHEARSALS[patch]} costs {percent} % more without {patch}"
    return f"+{float(f'{percent:.2g}'):g} %"


def make_page(changes: Changes) -> str:
    """The page's text."""
    shown = [(f"`{name}`", SHOWN_BY[name], changes[name]) for name in PATCHES.names if name in SHOWN_BY]
    saving = [(f"`{name}`", rehearsal, changes[name]) for name, rehearsal in COST_REHEARSALS.items()]
    experiments = [(f"`{name}`", *map(_value, EXPECTED[name])) for name in PATCHES.names]
    lines = [_INTRODUCTION, "## Patches that change a rehearsal", "", *markdown_table(_HEADER, shown), ""]
    lines += [_SAVING, *markdown_table(_HEADER, saving), ""]
    lines += ["## Patches that no rehearsal shows", ""]
    lines += [line for name, reason in NOT_SHOWN.items() for line in _bullet(f"`{name}`: {reason}")]
    lines += ["", "## The experiments", "", *markdown_table(_EXPERIMENT_HEADER, experiments)]
    lines += ["", "## What each patch does", ""]
    lines += [line for patch in PATCHES.patches for line in _bullet(f"`{patch_name(patch)}`: {_doc(patch)}")]
    lines += ["", "## The rehearsals", ""]
    lines += [line for name, play in REHEARSALS.items() for line in _bullet(f"*{name}*: {_doc(play)}")]
    return "\n".join(lines) + "\n"


def listed_changes(page: str) -> Changes:
    """The last cell of each patch's row, above the experiments."""
    rows = re.findall(r"^\| `([a-z0-9_.]+)` \|.*\| ([^|]+) \|$", page.partition("## The experiments")[0], re.MULTILINE)
    return dict(rows)


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f"`{text}`" if len(text) <= _LONGEST_VALUE else f"`{text[:_LONGEST_VALUE]}`…"


def _doc(documented: Any) -> str:
    return " ".join((inspect.getdoc(documented) or "").split())


def _bullet(text: str) -> list[str]:
    return textwrap.wrap(f"- {text}", 118, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)


def main(patches: Sequence[str]) -> None:
    """Write the page, or print the changes of these patches as JSON."""
    changes = {name: measure_change(name) for name in patches or (*SHOWN_BY, *SAVING)}
    if patches:
        print(json.dumps(changes))  # noqa: T201
    else:
        PAGE.write_text(make_page(changes), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
