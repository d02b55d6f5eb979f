"""The contracts that are generated from ARCHITECTURE.md break for every import that it forbids, and for no other."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from grimp import ImportGraph, build_graph
from importlinter.application.use_cases import read_user_options
from importlinter.cli import lint_imports  # registers import-linter's readers and timers
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.layers import LayersContract
from importlinter.domain.contract import Contract

from tests.support.nonempty import nonempty
from tests.support.paths import REPOSITORY
from tools.checks import import_contracts
from tools.checks.import_contracts import contracts, existing_packages, workload_modules
from tools.checks.import_rules import HEADING, read_import_rules

TEXT = (REPOSITORY / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGES = existing_packages()
TYPES: dict[str, type[Contract]] = {"forbidden": ForbiddenContract, "layers": LayersContract}
assert callable(lint_imports)

# What the page says, read here a second time and in another way than the generator reads it.
LINES = [line.split() for line in TEXT.split(HEADING)[1].split("\n## ")[0].splitlines() if line.startswith("    ")]
LINE_OF = {package: number for number, line in enumerate(LINES) for package in line}
MAY_IMPORT_TWIN = {"api", "cli", "rehearsal"}
OUTSIDE = ("moto", "boto3", "botocore", "aws_cdk", "cdk_nag", "constructs", "workloads", "tests", "tools")
ROOT_FOLDERS = ("drs", "infra", "lambdas", "state_machines")


def allowed(importer: str, imported: str) -> bool:
    if imported not in PACKAGES:
        only = {"moto": {"twin"}, "aws_cdk": {"infra"}, "cdk_nag": {"infra"}, "constructs": {"infra"}}
        if imported in ("boto3", "botocore"):
            return importer != "state_machines"
        return importer in only.get(imported, set())
    if "twin" in (importer, imported):
        return importer in MAY_IMPORT_TWIN or imported == "base"
    return LINE_OF[importer] < LINE_OF[imported]


PAIRS = [(a, b) for a in PACKAGES for b in (*PACKAGES, *OUTSIDE) if a != b]
FORBIDDEN = [pair for pair in PAIRS if not allowed(*pair)]


def loaded(folder: Path, text: str) -> list[Contract]:
    path = folder / ".importlinter"
    path.write_text(text, encoding="utf-8")
    options = read_user_options(str(path))
    return [
        TYPES[each["type"]](name=each["name"], session_options=options.session_options, contract_options=each)
        for each in options.contracts_options
    ]


def generated(text: str = TEXT) -> str:
    return contracts(read_import_rules(text, PACKAGES, workload_modules()))


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> list[Contract]:
    return loaded(tmp_path_factory.mktemp("contracts"), generated())


def module_of(name: str) -> str:
    return f"leeward.{name}.planted" if name in PACKAGES else name


@pytest.fixture(scope="module")
def packages() -> ImportGraph:
    """Every package with one module, without any import."""
    graph = ImportGraph()
    samples = ["workloads", *workload_modules()]
    for name in ["leeward", "leeward.common.aws", *samples, *(f"leeward.{package}" for package in PACKAGES)]:
        graph.add_module(name)
    for package in PACKAGES:
        graph.add_module(module_of(package))
    for name in (*OUTSIDE, *ROOT_FOLDERS):
        if name not in graph.modules:
            graph.add_module(name, is_squashed=True)
    return graph


def broken(rules: list[Contract], graph: ImportGraph, *imports: tuple[str, str]) -> str:
    """The first contract that does not hold once the imports are there, or nothing."""
    graph = deepcopy(graph)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported, line_number=1, line_contents="planted")
    return next((rule.name for rule in rules if not rule.check(graph, verbose=False).kept), "")


def test_contracts_hold_for_packages_without_imports(rules: list[Contract], packages: ImportGraph) -> None:
    assert broken(rules, packages) == ""


@pytest.mark.parametrize("importer", PACKAGES)
def test_every_import_that_the_page_forbids_breaks_a_contract(
    importer: str, rules: list[Contract], packages: ImportGraph
) -> None:
    imported = [target for source, target in FORBIDDEN if source == importer]
    kept = [
        target for target in nonempty(imported) if not broken(rules, packages, (module_of(importer), module_of(target)))
    ]
    assert kept == []


@pytest.mark.parametrize("importer", PACKAGES)
def test_every_forbidden_package_breaks_a_contract_through_a_module_between(
    importer: str, rules: list[Contract], packages: ImportGraph
) -> None:
    between = deepcopy(packages)
    between.add_module("leeward.between")
    imported = [target for source, target in FORBIDDEN if source == importer and target in PACKAGES]
    chains = {
        target: [(module_of(importer), "leeward.between"), ("leeward.between", module_of(target))]
        for target in imported
    }
    assert [target for target, chain in chains.items() if not broken(rules, between, *chain)] == []
    assert chains or importer in ("api", "cli")


@pytest.mark.parametrize("importer", PACKAGES)
def test_no_import_that_the_page_allows_breaks_a_contract(
    importer: str, rules: list[Contract], packages: ImportGraph
) -> None:
    imports = [(module_of(a), module_of(b)) for a, b in PAIRS if a == importer and allowed(a, b)]
    assert broken(rules, packages, *imports) == ""


@pytest.mark.parametrize("importer", PACKAGES)
def test_import_of_a_root_folder_without_leeward_breaks_a_contract(
    importer: str, rules: list[Contract], packages: ImportGraph
) -> None:
    assert [folder for folder in ROOT_FOLDERS if not broken(rules, packages, (module_of(importer), folder))] == []


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("leeward.state_machines.planted", "leeward.common.aws"),
        ("workloads.ticketing.api", "moto"),
        ("workloads.ticketing.api", "leeward.base.planted"),
        ("workloads.ticketing.api", "workloads.ticketing.simulated_identity"),
    ],
)
def test_other_import_that_the_page_forbids_breaks_a_contract(
    importer: str, imported: str, rules: list[Contract], packages: ImportGraph
) -> None:
    assert broken(rules, packages, (importer, imported))


@pytest.fixture(scope="module")
def repository() -> ImportGraph:
    return build_graph("leeward", "workloads", include_external_packages=True, cache_dir=None)


def planted_in_the_repository() -> Iterator[tuple[str, str]]:
    yield from ((f"leeward.{package}", "moto") for package in ("operations", "board", "rehearsal"))
    yield from ((f"leeward.{package}", "drs") for package in ("operations", "evidence", "report", "board"))
    yield "leeward.drs.launch", "leeward.board"
    yield "leeward.report", "leeward.rehearsal.results"
    yield "leeward.state_machines.load", "boto3"


@pytest.mark.parametrize(("importer", "imported"), list(planted_in_the_repository()))
def test_import_planted_in_the_repository_breaks_a_contract(
    importer: str, imported: str, rules: list[Contract], repository: ImportGraph
) -> None:
    assert broken(rules, repository, (importer, imported))


def test_committed_contracts_are_generated_from_the_page() -> None:
    assert (REPOSITORY / ".importlinter").read_text(encoding="utf-8") == generated()


def test_check_fails_for_a_file_that_differs_from_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / ".importlinter"
    target.write_text("[importlinter]\n")
    monkeypatch.setattr(import_contracts, "TARGET", target)
    monkeypatch.setattr("sys.argv", ["import_contracts", "--check"])
    assert import_contracts.main() == 1
    assert "has drifted" in capsys.readouterr().out


def test_rule_that_is_removed_from_the_page_is_removed_from_the_contracts(
    tmp_path: Path, packages: ImportGraph
) -> None:
    rest = "".join(line for line in TEXT.splitlines(keepends=True) if not line.startswith("| any package but `twin`"))
    assert broken(loaded(tmp_path, generated(rest)), packages, ("leeward.board.planted", "moto")) == ""


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (HEADING, "## Imports", "has no section"),
        ("    common\n    kinds\n", "    common\n", "differ in .'kinds'"),
        ("    common\n    kinds\n", "    common\n    kinds   common\n", "named twice"),
        ("| any package but `twin` |", "| any package but `moto` |", "names .'moto'., which is not in src/leeward"),
        ("| any package but `twin` |", "| every package except `twin` |", "is neither"),
        ("| `moto` | no | The twin", "| `moto` | sometimes | The twin", 'needs two cells of modules, "yes" or "no"'),
        ("| Also through others |", "| Through others |", "has the columns"),
    ],
)
def test_read_import_rules_rejects(before: str, after: str, problem: str) -> None:
    assert before in TEXT
    with pytest.raises(ValueError, match=problem):
        read_import_rules(TEXT.replace(before, after), PACKAGES, workload_modules())
