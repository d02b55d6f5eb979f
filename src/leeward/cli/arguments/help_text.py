"""The words of each command's help. Typer keeps line breaks inside a paragraph, so each paragraph is one line here."""

from __future__ import annotations

from collections.abc import Sequence


def join_paragraphs(*texts: str) -> str:
    """The body of a command's help. Brackets would be read as markup: write none."""
    return "\n\n".join(" ".join(text.split()) for text in texts)


def build_epilog(*, examples: Sequence[str] = (), exit_codes: str) -> str:
    """What comes after the options: examples on lines of their own, and what the exit codes mean."""
    lines = ["Examples:", *(f"  {example}" for example in examples)] if examples else []
    return "\n\n".join([*lines, f"Exit codes: {exit_codes}"])
