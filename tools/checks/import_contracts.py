"""Writes `.importlinter` from the layers below, so that every package has a contract.

python -m tools.checks.import_contracts [--check]
"""

from __future__ import annotations

import sys

from tools.checks.python_sources import ROOT

PACKAGE = ROOT / "src" / "leeward"
WORKLOADS = ROOT / "workloads"
TARGET = ROOT / ".importlinter"
# Top to bottom: a package may import those of the layers below it. Packages of one layer do not import each other,
# unless they are in one string with `:`, which import-linter calls non-independent.
LAYERS = (
    ("api", "cli"),
    ("rehearsal", "report"),
    ("infra", "lambdas", "operations"),
    ("state_machines",),
    ("board",),
    ("readiness", "evidence"),
    ("drs", "traffic", "data", "control"),
    ("common",),
    ("kinds",),
    ("twin",),
    ("base",),
)


def main() -> int:
    """Write the file. With `--check`, return 1 when the file differs from what would be written."""
    text = contracts(sorted(path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()))
    if "--check" in sys.argv[1:]:
        if TARGET.read_text(encoding="utf-8") == text:
            return 0
        print(".importlinter has drifted. Run `python -m tools.checks.import_contracts`")  # noqa: T201
        return 1
    TARGET.write_text(text, encoding="utf-8")
    return 0


def contracts(packages: list[str]) -> str:
    """Return the configuration for the packages that exist. Raises ValueError for a package without a layer."""
    layered = [package for layer in LAYERS for package in layer]
    if sorted(layered) != packages:
        unknown = sorted(set(packages) ^ set(layered))
        raise ValueError(f"LAYERS and src/leeward differ in {', '.join(unknown)}. Add each package to a layer.")
    product = [package for package in packages if package not in ("twin", "base")]
    sections = [
        _section(None, "", root_packages=["leeward", "workloads"], include_external_packages="True"),
        _section(
            "layers",
            "Imports flow one way",
            type="layers",
            layers=[" | ".join(f"leeward.{package}" for package in layer) for layer in LAYERS],
        ),
        _forbidden("twin", "The twin knows nothing of the product", ["twin"], [_own(p) for p in product]),
        _forbidden(
            "twin_users",
            "Only rehearsals and the command use the twin",
            [package for package in product if package not in ("rehearsal", "cli", "api")],
            ["leeward.twin"],
        ),
        _forbidden("moto", "Only the twin imports moto", [p for p in packages if p != "twin"], ["moto"], indirect=True),
        _forbidden(
            "documents",
            "Documents and the compiler need no AWS client",
            ["state_machines"],
            ["boto3", "botocore", "leeward.common.aws"],
        ),
        _forbidden(
            "deploy", "Only infra imports CDK", [p for p in packages if p != "infra"], ["aws_cdk"], indirect=True
        ),
        _forbidden("samples", "The package does not know the samples", packages, ["workloads"]),
        _section(
            "workloads",
            "The samples do not know what protects them",
            type="forbidden",
            source_modules=_workload_modules(),
            forbidden_modules=["leeward", "moto"],
        ),
        _section(
            "ticketing",
            "The deployed service does not know its simulated identity provider",
            type="forbidden",
            source_modules=["workloads.ticketing.api"],
            forbidden_modules=["workloads.ticketing.simulated_identity"],
        ),
    ]
    return "# Written by `python -m tools.checks.import_contracts`.\n" + "\n".join(sections)


def _workload_modules() -> list[str]:
    """Return the modules and packages of each sample, without its `infra`, which deploys Leeward with it."""
    paths = [path for path in WORKLOADS.glob("*/*") if path.suffix == ".py" or (path / "__init__.py").exists()]
    names = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return [name for name in names if not name.endswith((".infra", ".__init__"))]


def _own(package: str) -> str:
    return f"leeward.{package}"


def _forbidden(name: str, title: str, sources: list[str], forbidden: list[str], *, indirect: bool = False) -> str:
    options = {"allow_indirect_imports": "True"} if indirect else {}
    modules = [_own(package) for package in sources]
    return _section(name, title, type="forbidden", source_modules=modules, forbidden_modules=forbidden, **options)


def _section(name: str | None, title: str, **values: str | list[str]) -> str:
    lines = ["[importlinter]"] if name is None else [f"[importlinter:contract:{name}]", f"name = {title}"]
    for key, value in values.items():
        lines += [f"{key} ="] + [f"    {each}" for each in value] if isinstance(value, list) else [f"{key} = {value}"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
