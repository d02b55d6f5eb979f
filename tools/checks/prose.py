"""Rejects text that is hard to read: long lines, full table cells, long paragraphs, and archaic words.

    python -m tools.checks.prose

Applies to every Markdown file. A line may exceed its limit only for a link that cannot be broken. The words are also
looked for in the docstrings and comments of Python files.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tools.checks.python_sources import ROOT, Source, python_sources, tracked_files

MAX_LINE = 120
MAX_CELL_WORDS = 20
MAX_PARAGRAPH_WORDS = 90
# The words in hand-written pages below docs/, without generated pages and decision records.
MAX_DOCS_WORDS = 12_000
MAX_PAGE_WORDS = {"docs/safety.md": 1_500}
# Standard English, but unusual in engineering texts.
BANNED = re.compile(r"\b(whom|anew|besides|befalls?|thereby|therein|untold|goes dark|the way (?:back|there))\b", re.I)


def main() -> int:
    """Print every offense with its place. Return 1 when there is one."""
    pages = tracked_files("*.md")
    problems = [problem for page in pages for problem in page_problems(page, (ROOT / page).read_text("utf-8"))]
    problems += word_problems({page: (ROOT / page).read_text("utf-8") for page in pages})
    sources = list(python_sources())
    problems += [problem for source in sources for problem in source_problems(source)]
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"prose: {len(pages)} pages and {len(sources)} Python files, {len(problems)} problems")  # noqa: T201
    return 1 if problems else 0


def page_problems(page: Path, text: str) -> Iterator[str]:
    """Yield a line for each place of a page that breaks a rule."""
    in_code, paragraph, began = False, "", 0
    for number, line in enumerate([*text.splitlines(), ""], start=1):
        if len(line) > MAX_LINE and not re.fullmatch(r"(\[[^\]]+\]: )?\S+", line.strip()):
            yield f"{page}:{number}: {len(line)} characters, at most {MAX_LINE}"
        if line.lstrip().startswith("```"):
            in_code = not in_code
        if in_code:
            continue
        if found := BANNED.search(line):
            yield f'{page}:{number}: write a usual word for "{found[0]}"'
        if line.startswith("|"):
            for cell in line.strip().strip("|").split("|"):
                if len(cell.split()) > MAX_CELL_WORDS:
                    yield f"{page}:{number}: a table cell of {len(cell.split())} words, at most {MAX_CELL_WORDS}"
        elif line.strip() and not re.match(r"\s*([-*+]|\d+\.)\s|#|    |<", line):
            began = began if paragraph else number
            paragraph += f" {line}"
            continue
        if len(paragraph.split()) > MAX_PARAGRAPH_WORDS:
            yield f"{page}:{began}: a paragraph of {len(paragraph.split())} words, at most {MAX_PARAGRAPH_WORDS}"
        paragraph = ""


def source_problems(source: Source) -> Iterator[str]:
    """Yield a line for each banned word in the docstrings and comments of a Python file."""
    for line, text in [*_docstrings(source.tree), *_comments(source.text)]:
        if found := BANNED.search(text):
            yield f'{source.path}:{line}: write a usual word for "{found[0]}"'


def _docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            text = ast.get_docstring(node)
            if text is not None:
                yield node.body[0].lineno, text


def _comments(text: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def word_problems(pages: dict[Path, str]) -> Iterator[str]:
    """Yield a line for each budget of words that is exceeded."""
    counts = {str(page): len(text.split()) for page, text in pages.items()}
    for page, most in MAX_PAGE_WORDS.items():
        if counts.get(page, 0) > most:
            yield f"{page}: {counts[page]} words, at most {most}"
    written = sum(n for page, n in counts.items() if re.fullmatch(r"docs/[^/]+\.md", page))
    if written > MAX_DOCS_WORDS:
        yield f"docs/: {written} words in hand-written pages, at most {MAX_DOCS_WORDS}"


if __name__ == "__main__":
    sys.exit(main())
