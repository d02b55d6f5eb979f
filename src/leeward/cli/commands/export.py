"""`leeward export`: a run's evidence as one signed file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.commands.show import Run
from leeward.cli.help import epilog, paragraphs
from leeward.cli.operating import Desk
from leeward.cli.root import shown
from leeward.cli.terminal import output
from leeward.cli.whom import at_a_desk

HELP = paragraphs(
    "Export a run's evidence: one signed file, to be checked offline.",
    """A run on AWS is signed by AWS KMS with the key alias/leeward-APPLICATION-evidence of its Region (--key names
    another); a rehearsal with a key of this computer, made in build/keys on first use.""",
)
EPILOG = epilog(
    examples=[
        "leeward export latest",
        "leeward export website.failover.2026-03-01 --out evidence.leeward.zip",
        "leeward verify website.failover.rehearsal.leeward.zip",
    ],
    exit_codes="0 written; 2 there is no such run, or it can't be signed.",
)


@at_a_desk()
def export(
    run: Run,
    *,
    at: Desk,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file to write; default: RUN.leeward.zip, here.")
    ] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="A KMS key (id, ARN, alias), or the path of an Ed25519 key.")
    ] = None,
) -> None:
    """`leeward export RUN`."""
    from leeward.cli.runs import find  # noqa: PLC0415 - only when it is to run
    from leeward.cli.signing import signer_for, told  # noqa: PLC0415
    from leeward.evidence import bundle  # noqa: PLC0415

    evidence = find(at, run)
    with told():
        signer = signer_for(at, evidence, key)
        path = bundle.write(evidence, signer, out or Path(f"{evidence.run}{bundle.SUFFIX}"), datetime.now(UTC))
    console = output()
    console.print(f"{shown(path)}: {len(evidence.journal)} entries, signed by {signer.name}", soft_wrap=True)
    console.print(f"leeward verify {shown(path)}", style="quiet", soft_wrap=True)
