"""Rewrite the generated blocks of the documentation pages from the code.

    python tools/generate_docs.py           # rewrite the blocks that are out of date
    python tools/generate_docs.py --check   # change nothing; fail when a block is out of date

A block is everything between `<!-- generated: NAME -->` and `<!-- end generated -->`. To add one, write a function that
returns its lines and enter it in BLOCKS.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from leeward import api
from leeward.api.public_names import TOPICS
from leeward.rehearsal.invariants import list_invariants
from leeward.state_machines.analysis.execution_bounds import MAX_EVENTS, MAX_PAYLOAD_BYTES
from leeward.state_machines.build import build_runbooks
from leeward.state_machines.checks.machine_report import CHECKS, DOCUMENT_CHECKS, check_machine
from leeward.twin.realism.realism_settings import RealismPart

# `python tools/generate_docs.py` has tools/ on the path, and not the folder that it is in.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tools.promises.promise_page import promise_lines

ROOT = Path(__file__).resolve().parents[1]
_BLOCK = re.compile(r"(<!-- generated: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(<!-- end generated -->)", re.DOTALL)
_KIB = 1024
# The module with the values of each part of realistic time, and with their sources.
VALUES_OF_PARTS: Mapping[RealismPart, str] = {
    RealismPart.API_LATENCY: "twin/realism/call_latency.py",
    RealismPart.COLD_STARTS: "twin/realism/execution_environments.py",
    RealismPart.API_RATE_LIMITS: "twin/realism/api_rate_limits.py",
    RealismPart.STATUS_CHECKS: "twin/aws/moto_fixes/ec2_status_checks.py",
    RealismPart.HEALTH_CHECK_TIMING: "twin/internet/health/health_check_timing.py",
    RealismPart.DNS_PROPAGATION: "twin/aws/moto_fixes/route53/route53_changes.py",
    RealismPart.RESOLVER_OVERRUN: "rehearsal/clients/client_connection.py",
    RealismPart.KEPT_CONNECTIONS: "rehearsal/worlds/users/client_network.py",
    RealismPart.REQUEST_TIMEOUTS: "rehearsal/worlds/users/client_network.py",
    RealismPart.LAUNCH_BY_DISK_SIZE: "base/assumptions/launch_durations.py",
    RealismPart.TRIGGER_DELAY: "twin/events/delays/trigger_delays.py",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Rewrite or check every page. Return 1 when --check finds a page that is out of date."""
    parser = argparse.ArgumentParser(description="Rewrite the generated blocks of the documentation pages.")
    parser.add_argument("--check", action="store_true", help="change nothing; fail when a page is out of date")
    check_only = parser.parse_args(arguments).check
    outdated = dict(outdated_pages(ROOT))
    for page, text in outdated.items():
        if not check_only:
            page.write_text(text, encoding="utf-8")
        verb = "is out of date: run python tools/generate_docs.py" if check_only else "was rewritten"
        print(f"{page.relative_to(ROOT)} {verb}")  # noqa: T201
    return 1 if outdated and check_only else 0


def outdated_pages(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield each page whose generated blocks differ from the code, with the text that it should have.

    Raises KeyError for a block that is not in BLOCKS.
    """
    for page in sorted([*root.glob("*.md"), *(root / "docs").rglob("*.md")]):
        before = page.read_text(encoding="utf-8")
        after = replace_blocks(before, page)
        if after != before:
            yield page, after


def replace_blocks(text: str, page: Path) -> str:
    """Return the text of `page` with every generated block made from the code."""

    def replacement(block: re.Match[str]) -> str:
        return f"{block[1]}\n" + "".join(f"{line}\n" for line in BLOCKS[block["name"]](page)) + f"\n{block[4]}"

    return _BLOCK.sub(replacement, text)


def invariant_rows(_: Path) -> list[str]:
    """Return a table of the invariants and what each promises."""
    rows = [(invariant.name, invariant.promise) for invariant in list_invariants()]
    return markdown_table(("Invariant", "Promise"), rows)


def static_check_rows(_: Path) -> list[str]:
    """Return a table of the static checks, each with the beginning of its docstring."""
    checks = [*CHECKS.items(), *DOCUMENT_CHECKS.items()]
    return markdown_table(("Check", "Description"), [(name, first_clause(check)) for name, check in checks])


def machine_rows(_: Path) -> list[str]:
    """Return a table of the compiled sample runbooks: number of states, and the longest path that a run can take."""
    rows = []
    for built in build_runbooks(ROOT / "runbooks"):
        report = check_machine(built.compiled)
        if report.bounds is None:
            raise ValueError(f"{report.application} {report.runbook} has a loop without a bound")
        hours, minutes = divmod(-(-report.bounds.seconds // 60), 60)
        rows.append(
            (
                f"{report.application} {report.runbook}",
                f"{report.states:,}",
                f"{report.bounds.events:,}",
                f"{-(-report.bounds.payload_bytes // _KIB):,} KiB",
                f"{hours} h {minutes:02} min",
            )
        )
    limits = ("*Step Functions limit*", "", f"{MAX_EVENTS:,}", f"{MAX_PAYLOAD_BYTES // _KIB:,} KiB", "")
    return markdown_table(("Runbook", "States", "Events", "Payload", "Time"), [*sorted(rows), limits])


def realism_rows(page: Path) -> list[str]:
    """Return a table of the parts of realistic time, each with its docstring and the module of its values."""
    parts = _docstrings_of_members(Path(inspect.getfile(RealismPart)), RealismPart.__name__)
    if missing := set(RealismPart) ^ set(VALUES_OF_PARTS):
        raise KeyError(f"VALUES_OF_PARTS in {Path(__file__).name} and RealismPart differ: {sorted(missing)}")
    modules = {part: ROOT / "src/leeward" / module for part, module in VALUES_OF_PARTS.items()}
    links = {part: os.path.relpath(module, page.parent) for part, module in modules.items() if module.is_file()}
    if len(links) < len(modules):
        raise FileNotFoundError(f"VALUES_OF_PARTS names a module that does not exist: {sorted(modules.keys() - links)}")
    rows = [(f"[{part}]", parts[part.name]) for part in links]
    references = [f"[{part}]: {link}" for part, link in links.items()]
    return [*markdown_table(("Part", "What takes time"), rows), "", *references]


def _docstrings_of_members(path: Path, class_name: str) -> dict[str, str]:
    """Return the string below each member of an enumeration, by the member's name."""
    body = next(
        node.body
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name == class_name
    )
    return {
        member.targets[0].id: " ".join(str(text.value.value).split())
        for member, text in pairwise(body)
        if isinstance(member, ast.Assign)
        and isinstance(member.targets[0], ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def decision_rows(page: Path) -> list[str]:
    """Return a table of the decision records beside `page`, with a reference for each link."""
    records = sorted(page.parent.glob("[0-9]*.md"))
    rows = []
    for record in records:
        number, title = record.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" ", 1)
        rows.append((f"[{number}]", title))
    references = [f"[{record.name[:4]}]: {record.name}" for record in records]
    return [*markdown_table(("Record", "Decision"), rows), "", *references]


def public_name_rows(_: Path) -> list[str]:
    """Return a table per topic of the names in `leeward.api`, each with the beginning of its docstring."""
    lines: list[str] = []
    for topic, names in TOPICS.items():
        rows = [(f"`{name}`", _describe_name(name)) for name in names]
        lines += [f"## {topic}", "", *markdown_table(("Name", "Meaning"), rows), ""]
    return lines[:-1]


def _describe_name(name: str) -> str:
    """Return what a name means. A field type has no docstring, so its kind of value is in its name."""
    value = getattr(api, name)
    is_own = inspect.isclass(value) or inspect.isfunction(value)
    return first_clause(value) if is_own else "A type of a document's field, or of a value"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a Markdown table."""
    head, *body = ["| " + " | ".join(cells) + " |" for cells in (header, *rows)]
    return [head, "|" + "---|" * len(header), *body]


def first_clause(function: object) -> str:
    """Return a function's docstring up to its first period, colon, or semicolon, on one line."""
    text = " ".join((inspect.getdoc(function) or "").split())
    return re.split(r"[.:;](?:\s|$)", text, maxsplit=1)[0].replace("|", r"\|")


BLOCKS: dict[str, Callable[[Path], list[str]]] = {
    "decisions": decision_rows,
    "invariants": invariant_rows,
    "machine-bounds": machine_rows,
    "promises": promise_lines,
    "public-names": public_name_rows,
    "realism-parts": realism_rows,
    "static-checks": static_check_rows,
}


if __name__ == "__main__":
    sys.exit(main())
