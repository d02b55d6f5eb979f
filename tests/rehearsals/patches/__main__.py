"""Prints the first short rehearsal that changes when one patch is left out, as JSON: {patch: rehearsal or null}.

`python -m tests.rehearsals.patches [PATCH...]` plays them for these patches, or for all.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout

from leeward.twin.engine import engine
from tests.rehearsals.patches.short_rehearsals import REHEARSALS
from tests.twin.engine.patch_experiments import EXPERIMENTS, leave_out

# Longer than a rehearsal takes on a busy machine. Without some patches, a rehearsal never ends.
_TIMEOUT_SECONDS = 300
_DIGEST_LENGTH = 64


def observe(left_out: str | None, expected: Mapping[str, str]) -> dict[str, str]:
    """Return a digest of each rehearsal, up to the first that isn't as expected, in a forked child without a patch."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as out:
            json.dump(dict(_digests(left_out, expected)), out)
            out.flush()
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {}  # type: ignore[no-any-return]


def _digests(left_out: str | None, expected: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    logging.disable(logging.CRITICAL)
    if left_out is not None:
        engine.PATCHES = leave_out(left_out)  # type: ignore[attr-defined]  # what Engine applies
    signal.signal(signal.SIGALRM, _give_up)
    for name, rehearsal in REHEARSALS.items():
        signal.alarm(_TIMEOUT_SECONDS)
        try:
            with open(os.devnull, "w", encoding="utf-8") as quiet, redirect_stdout(quiet):
                seen = json.dumps(rehearsal(), sort_keys=True, default=str)
                digest = hashlib.sha256(seen.encode()).hexdigest()
        except BaseException as error:  # without a patch, a rehearsal may fail in any way
            digest = type(error).__name__
        yield name, digest
        if expected.get(name, digest) != digest:
            return


def _give_up(*_: object) -> None:
    raise TimeoutError


def first_change(patch: str, expected: Mapping[str, str]) -> str | None:
    """Return the first rehearsal that changes without the patch, with the error that ends it, if one does."""
    seen = observe(patch, expected)
    changed = next((name for name in REHEARSALS if seen.get(name) != expected[name]), None)
    found = seen.get(changed or "", "died")
    return changed if changed is None or len(found) == _DIGEST_LENGTH else f"{changed}: {found}"


def expected_digests() -> dict[str, str]:
    """Return the digests with every patch. A rehearsal that is repeated in the same process has the same."""
    expected = observe(None, {})
    assert {len(digest) for digest in expected.values()} == {_DIGEST_LENGTH}, expected
    assert expected["stopped failover"] == expected["repeated failover"]
    return expected


def main(patches: list[str]) -> None:
    """Print the changes."""
    expected = expected_digests()
    for patch in patches or EXPERIMENTS:
        print(json.dumps({patch: first_change(patch, expected)}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
