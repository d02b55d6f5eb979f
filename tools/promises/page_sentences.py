"""Splits a page into sentences, and finds those that read like a promise.

A sentence reads like a promise if it has a word of obligation, guarantee, or negation outside of code. A table cell and
a list item are sentences, too. Code blocks, headings, and generated blocks are left out: a generated block is written
from the code, and a check fails if it differs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

PROMISE_WORDS = re.compile(
    r"\b(?:always|never|every(?:thing|one|where)?|only|must|can ?not|\w+n't|not"
    r"|at (?:most|least)|no (?:more|fewer|less|later) than|exactly|identical|the same"
    r"|no|none|nothing|nobody|neither|nor|without|unless|until"
    r"|stops?|refuse[sd]?|reject(?:s|ed)?|den(?:y|ies|ied)|forbids?|prevents?|impossible|unable"
    r"|guarantee[sd]?|ensure[sd]?|promise[sd]?|safe(?:ly)?|will|shall)\b",
    re.IGNORECASE,
)
_GENERATED = re.compile(r"<!-- generated: .*?<!-- end generated -->", re.DOTALL)
_FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\[[^\]]*\])", re.DOTALL)
_ITEM = re.compile(r"\s*(?:[-*+]|\d+\.)\s+")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`*\"'(])")


def promise_sentences(text: str) -> list[str]:
    """Return the sentences of a Markdown page that read like a promise, in order, each once."""
    found = (sentence for sentence in page_sentences(text) if PROMISE_WORDS.search(re.sub(r"`[^`]*`", "", sentence)))
    return list(dict.fromkeys(found))


def page_sentences(text: str) -> Iterator[str]:
    """Yield every sentence, list item, and table cell of a Markdown page as plain text on one line.

    Links are replaced by their text, and bold markup is removed. Code spans keep their backticks.
    """
    text = _LINK.sub(r"\1", _FENCED.sub("", _GENERATED.sub("", text))).replace("**", "")
    for block in _blocks(text):
        yield from _END.split(" ".join(block.split()))


def _blocks(text: str) -> Iterator[str]:
    """Yield each paragraph, list item, and table cell."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        is_item = _ITEM.match(line)
        is_code = line.startswith("    ") and not block
        if is_item or is_code or not line.strip() or re.match(r"#|<|\||\[[^\]]+\]: ", line):
            if block:
                yield "\n".join(block)
            block = []
        if line.startswith("|"):
            yield from (cell for cell in line.strip().strip("|").split("|") if re.search(r"[^\s-]", cell))
        elif is_item and not is_code:
            block = [line[is_item.end() :]]
        elif line.strip() and not is_code and not re.match(r"#|<|\[[^\]]+\]: ", line):
            block.append(line)
