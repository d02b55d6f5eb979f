"""What a package adds to Leeward. Leeward's own kinds are a plug-in too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from leeward.base.import_paths import ImportPath


@dataclass(frozen=True, slots=True)
class ServiceSimulation:
    """A service that the twin simulates, by its name in boto3.

    `install` names a function that adds the service to a simulated world before its components are created. None means
    that the world always has it.
    """

    name: str
    install: ImportPath | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """The contributions of one package.

    - `name` is unique among the installed plug-ins, and appears in messages.
    - `step_kinds` and `components` are packages. Each of their modules is one kind, and has its descriptor as `KIND`.
    - `readiness_checks`, `invariants`, and `report_sections` are import paths, in the order in which they are shown:
      of a `ReadinessCheck`, an `Invariant`, and a function from the evidence of a run to a `ReportSection` or None.
    - `simulated_services` are the services that the twin simulates with this plug-in, in addition to those of moto.
    """

    name: str
    step_kinds: str | None = None
    components: str | None = None
    readiness_checks: tuple[ImportPath, ...] = ()
    invariants: tuple[ImportPath, ...] = ()
    simulated_services: tuple[ServiceSimulation, ...] = ()
    report_sections: tuple[ImportPath, ...] = ()


def list_modules(package: str | None) -> Iterator[str]:
    """Yield the dotted names of the modules in `package`, sorted. They are not loaded. None has no modules."""
    if package is not None:
        for module in sorted(iter_modules(import_module(package).__path__), key=lambda one: one.name):
            yield f"{package}.{module.name}"
