"""`leeward verify`: verify that a bundle is unchanged and signed by a trusted key."""

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
    "Verify a bundle offline.",
    """The command detects journal entries that were changed, removed, added, moved, or replaced. It also detects a
    truncated journal, a changed member, and an untrusted key. It trusts the keys that you give with --key, the
    fingerprints in runbooks/evidence-keys.txt, and your local key for rehearsals.""",
)
EPILOG = build_epilog(
    examples=[
        "leeward verify website.failover.rehearsal.leeward.zip",
        "leeward verify evidence.leeward.zip --key leeward-evidence.pub",
    ],
    exit_codes="0 unchanged and trusted; 1 the verification failed; 2 invalid usage, or the file is not a bundle.",
)


def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A file from leeward export.")],
    *,
    key: Annotated[
        list[str] | None, typer.Option(metavar="KEY", help="Trust this fingerprint or public key file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print only one JSON document.")] = False,
    root: RootOption = None,
) -> None:
    """Print each finding of a bundle, or that it is unchanged."""
    from leeward.cli.run_evidence.key_selection import list_trusted_fingerprints, translate_signing_errors  # noqa: PLC0415 - slow to import
    from leeward.evidence.signed_bundle import bundle_file as bundles  # noqa: PLC0415
    from leeward.evidence.signed_bundle import verification as checks  # noqa: PLC0415

    try:
        project = find_project_root(root)
    except CliError:
        if root is not None:
            raise
        project = None  # an auditor has only the bundle
    with translate_signing_errors():
        contents = bundles.read_bundle(bundle)
        findings = checks.verify_bundle(contents, list_trusted_fingerprints(project, key or ()))
    signature, manifest = contents.signature, contents.manifest
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
            exported_at = f"{manifest.exported_at:%Y-%m-%d %H:%M} UTC"
            text = f"unchanged: {manifest.entries} entries of {manifest.run}, exported {exported_at}"
            console.print(text, style="done", soft_wrap=True)
        console.print(f"signed by {signature.signed_by}, {signature.fingerprint}", style="quiet", soft_wrap=True)
    raise typer.Exit(ExitCode.ISSUES_FOUND if findings else ExitCode.SUCCESS)
