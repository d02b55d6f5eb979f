"""`leeward export`: write a run's evidence to a signed bundle."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.commands.show import EvidenceRunArgument
from leeward.cli.connection.connection_options import with_operator_session
from leeward.cli.connection.operator_session import OperatorSession
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Export a run's evidence to a signed bundle that you can verify offline.",
    """AWS KMS signs a run on AWS with the key alias/leeward-APPLICATION-evidence in the target Region. A local key
    signs a rehearsal. The command creates that key in build/keys on first use. To use another key, set --key.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward export latest",
        "leeward export website.failover.2026-03-01 --out evidence.leeward.zip",
        "leeward verify website.failover.rehearsal.leeward.zip",
    ],
    exit_codes="0 success; 2 no such run, or the bundle can't be signed.",
)


@with_operator_session()
def export(
    run: EvidenceRunArgument,
    *,
    session: OperatorSession,
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The output file. Default: RUN.leeward.zip.")] = None,
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="A KMS key (ID, ARN, or alias) or the path of an Ed25519 key.")
    ] = None,
) -> None:
    """Write the signed bundle of a run."""
    from leeward.cli.run_evidence.evidence_lookup import find_evidence  # noqa: PLC0415 - slow to import
    from leeward.cli.run_evidence.key_selection import choose_signer, translate_signing_errors  # noqa: PLC0415
    from leeward.evidence.signed_bundle import bundle_file  # noqa: PLC0415

    evidence = find_evidence(session, run)
    with translate_signing_errors():
        signer = choose_signer(session, evidence, key)
        path = bundle_file.write_bundle(
            evidence, signer, out or Path(f"{evidence.run}{bundle_file.BUNDLE_SUFFIX}"), datetime.now(UTC)
        )
    console = create_stdout_console()
    console.print(f"{format_path(path)}: {len(evidence.journal)} entries, signed by {signer.name}", soft_wrap=True)
    console.print(f"leeward verify {format_path(path)}", style="quiet", soft_wrap=True)
