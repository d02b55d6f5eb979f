"""Writes `.importlinter` from the section "Import directions" of ARCHITECTURE.md, the only place with these rules.

python -m tools.checks.import_contracts [--check]
"""

from __future__ import annotations

import re
import sys

from tools.checks.import_rules import ImportRule, ImportRules, read_import_rules
from tools.checks.python_sources import ROOT

PACKAGE = ROOT / "src" / "leeward"
WORKLOADS = ROOT / "workloads"
SOURCE = ROOT / "ARCHITECTURE.md"
TARGET = ROOT / ".importlinter"


def main() -> int:
    """Write the file. With `--check`, return 1 when the file differs from what would be written."""
    rules = read_import_rules(SOURCE.read_text(encoding="utf-8"), existing_packages(), workload_modules())
    text = contracts(rules)
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(".importlinter has drifted. Run `python -m tools.checks.import_contracts`")  # noqa: T201
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def existing_packages() -> list[str]:
    """Return the names of the packages below `leeward`."""
    return sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists())


def workload_modules() -> list[str]:
    """Return the modules and packages of each sample, without its `infra`, which deploys Leeward with it."""
    paths = [path for path in WORKLOADS.glob("*/*") if path.suffix == ".py" or (path / "__init__.py").exists()]
    names = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return [name for name in names if not name.endswith((".infra", ".__init__"))]


def contracts(rules: ImportRules) -> str:
    """Return the configuration of import-linter for the rules."""
    sections = [
        _section("[importlinter]", root_packages=["leeward", "workloads"], include_external_packages="True"),
        _section(
            "[importlinter:contract:layers]",
            name="A package imports packages on lower lines only",
            type="layers",
            layers=[" | ".join(f"leeward.{package}" for package in layer) for layer in rules.layers],
        ),
        *(_forbidden(rule) for rule in rules.forbidden),
    ]
    return "# Written by `python -m tools.checks.import_contracts` from ARCHITECTURE.md.\n" + "\n".join(sections)


def _forbidden(rule: ImportRule) -> str:
    identifier = re.sub(r"\W+", "_", rule.title).strip("_").lower()
    options = {} if rule.indirect else {"allow_indirect_imports": "True"}
    return _section(
        f"[importlinter:contract:{identifier}]",
        name=rule.title,
        type="forbidden",
        source_modules=list(rule.importers),
        forbidden_modules=list(rule.imported),
        **options,
    )


def _section(heading: str, **values: str | list[str]) -> str:
    lines = [heading]
    for key, value in values.items():
        lines += [f"{key} ="] + [f"    {each}" for each in value] if isinstance(value, list) else [f"{key} = {value}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
