"""Build help texts and epilogs of commands.

Typer keeps line breaks inside a paragraph, so these functions put each paragraph on one line.
"""

from __future__ import annotations

from collections.abc import Sequence


def join_paragraphs(*texts: str) -> str:
    """Return the body of a command's help text. Don't use brackets: Rich reads them as markup."""
    return "\n\n".join(" ".join(text.split()) for text in texts)


def build_epilog(*, examples: Sequence[str] = (), exit_codes: str) -> str:
    """Return the text below the options: one example per line, and the meaning of the exit codes."""
    lines = ["Examples:", *(f"  {example}" for example in examples)] if examples else []
    return "\n\n".join([*lines, f"Exit codes: {exit_codes}"])
