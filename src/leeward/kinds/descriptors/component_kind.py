"""The descriptor of a component kind: everything that the kind consists of, by import path."""

from __future__ import annotations

from dataclasses import dataclass

from leeward.base.import_paths import ImportPath


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentKind:
    """One kind of component.

    - `name` is the `kind` in a document, such as `drs.servers`. `summary` is one line that says what the component is.
    - `document`: the component's pydantic model.
    - `checks`: a function that yields the problems of a component that need the application.
    - `routes_users`: the component decides which Region users reach.
    - `world`: a function that creates the component's resources in a simulated world, before a rehearsal begins.
    - `month_cost`: a function from all components of the kind to what they cost per month.
    - `readiness_input`: a function from a component to what its readiness checks need to know, as JSON.
      `readiness_permissions`: a function from the usage of the readiness task to the permissions that the checks need.
    - `simulation`: the services that the twin must simulate for it in addition to moto.
    """

    name: str
    summary: str
    document: ImportPath
    checks: ImportPath | None = None
    routes_users: bool = False
    world: ImportPath | None = None
    month_cost: ImportPath | None = None
    readiness_input: ImportPath | None = None
    readiness_permissions: ImportPath | None = None
    simulation: tuple[str, ...] = ()
