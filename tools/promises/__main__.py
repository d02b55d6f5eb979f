"""Lists what is wrong with the registry of promises, with the entry that is closest to a sentence that has none.

python -m tools.promises
"""

from __future__ import annotations

import sys
from difflib import get_close_matches

from leeward.rehearsal.invariants import list_invariants
from leeward.state_machines.checks.machine_report import CHECKS
from tools.checks.python_sources import ROOT
from tools.promises.check_references import CheckFinder
from tools.promises.page_sentences import page_sentences
from tools.promises.registry import read_registry, registered_pages, registry_problems


def main() -> int:
    """Print every problem. Return 1 when there is one."""
    checks = CheckFinder({invariant.name for invariant in list_invariants()}, set(CHECKS))
    problems = 0
    for page in registered_pages():
        text, registry = (ROOT / page).read_text(encoding="utf-8"), read_registry(page)
        sentences = list(page_sentences(text))
        for problem in registry_problems(page, text, registry, checks):
            problems += 1
            print(problem)  # noqa: T201
        # A sentence that was reworded: its checks may still be the right ones.
        for gone in (each for each in registry.texts if each not in sentences):
            for near in get_close_matches(gone, [each for each in sentences if each not in registry.texts], n=1):
                print(f'  "{gone}"\n  may now be "{near}"')  # noqa: T201
    print(f"promises: {problems} problems")  # noqa: T201
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
