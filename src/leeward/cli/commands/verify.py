"""`leeward verify`: is a bundle what was exported, and by a key that is vouched for?"""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from leeward.cli.arguments.help_text import build_epilog, join_paragraphs
from leeward.cli.connection.connection_options import RootOption
from leeward.cli.errors.cli_error import CliError
from leeward.cli.errors.exit_codes import ExitCode
from leeward.cli.project.project_root import find_project_root
from leeward.cli.rendering.terminal import create_stdout_console

HELP = join_paragraphs(
    "Verify a bundle, offline.",
    """Finds an entry that was altered, cut out, put in, moved or replaced, a journal that was cut short, a member that
    was changed, and a signature by a key that nobody vouches for. Trusted are the keys given with --key, the
    fingerprints in runbooks/evidence-keys.txt, and this computer's own key of rehearsals.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward verify website.failover.rehearsal.leeward.zip",
        "leeward verify evidence.leeward.zip --key leeward-evidence.pub",
    ],
    exit_codes="0 whole and vouched for; 1 something is wrong with it; 2 the command was misused, or it is no bundle.",
)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A file that leeward export wrote.")],
    *,
    key: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Trust this key: a fingerprint, or a public key's file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    root: RootOption = None,
) -> None:
    """`leeward verify BUNDLE`."""
    from leeward.cli.run_evidence.key_selection import list_trusted_fingerprints, translate_signing_errors  # noqa: PLC0415 - only when it is to run
    from leeward.evidence.signed_bundle import bundle_file as bundles  # noqa: PLC0415
    from leeward.evidence.signed_bundle import verification as checks  # noqa: PLC0415

    try:
        project = find_project_root(root)
    except CliError:
        if root is not None:
            raise
        project = None  # an auditor has the file, and no project
    with translate_signing_errors():
        opened = bundles.read_bundle(bundle)
        findings = checks.verify_bundle(opened, list_trusted_fingerprints(project, key or ()))
    signature, manifest = opened.signature, opened.manifest
    if json:
        document = {
            "run": manifest.run,
            "entries": manifest.entries,
            "head": manifest.head,
            "exported_at": manifest.exported_at.isoformat(),
            "signed_by": signature.signed_by,
            "fingerprint": signature.fingerprint,
            "findings": [finding.model_dump() for finding in findings],
        }
        sys.stdout.write(json_module.dumps(document, indent=2) + "\n")
    else:
        console = create_stdout_console()
        for finding in findings:
            console.print(f"{finding.where}: {finding.what}", style="failed", soft_wrap=True)
        if not findings:
            text = (
                f"whole: {manifest.entries} entries of {manifest.run}, exported {manifest.exported_at:%Y-%m-%d %H:%M}"
            )
            console.print(f"{text} UTC", style="done", soft_wrap=True)
        console.print(f"signed by {signature.signed_by}, {signature.fingerprint}", style="quiet", soft_wrap=True)
    raise typer.Exit(ExitCode.ISSUES_FOUND if findings else ExitCode.SUCCESS)
