"""Rejects pages that are hard to read: long lines, full table cells, and long paragraphs.

    python -m tools.checks.prose

Applies to every Markdown file. A line may exceed its limit only for a link that cannot be broken.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.checks.python_sources import ROOT, tracked_files

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
    for problem in problems:
        print(problem)  # noqa: T201
    print(f"prose: {len(pages)} pages, {len(problems)} problems")  # noqa: T201
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
