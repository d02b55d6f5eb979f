"""The descriptor of a step kind: everything that the kind consists of, by import path."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

from leeward.base.import_paths import ImportPath
from leeward.kinds.descriptors.effects import Effect

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Task:
    """A Lambda function that steps call.

    - `handler`: the Lambda handler.
    - `permissions`: a function from the task's usage to its IAM permissions, which are data.
    - `probed_permissions`: a function from one call's parameters to the permissions that readiness asks IAM about.
    - `tolerates_outage`: the task calls a Region that may be unavailable, and handles that itself.
    """

    name: str
    handler: ImportPath
    permissions: ImportPath
    probed_permissions: ImportPath | None = None
    tolerates_outage: bool = False


@dataclass(frozen=True, slots=True)
class Undo:
    """How a step is undone.

    - `compiler`: builds the states that undo a step.
    - `applies`: whether a given step can be undone. None means always.
    - `continues_if_failed`: a failed undo doesn't stop the rollback, because what it leaves behind is harmless.
    - `tasks`: the tasks that only the undo calls.
    """

    compiler: ImportPath
    applies: ImportPath | None = None
    continues_if_failed: bool = False
    tasks: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedTime:
    """The assumed duration of a step that no run has measured: median and 95th percentile, in seconds.

    These are assumptions, not AWS measurements. `base.assumptions.launch_durations` has the sources of how long DRS
    takes to launch a server and to copy its disks. The others follow from the services' own intervals, such as a health
    check's threshold or a record's INSYNC. A drill, or `leeward plan --journals` after one, gives better figures.

    `from_document` names a function that returns the duration that the document itself states, or None.
    """

    p50: float
    p95: float
    from_document: ImportPath | None = None


@dataclass(frozen=True, slots=True)
class ServiceUse:
    """An AWS service that a kind needs while it runs, by its endpoint prefix, such as `drs`.

    `region` is `own` for the Region that the step acts in, `other` for the application's other Region, or a name.

    `control_plane` says that the step needs the service's control plane. AWS designs only data planes to stay
    available while a Region fails (AWS whitepaper "AWS Fault Isolation Boundaries").
    """

    service: str
    control_plane: bool = False
    region: str = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """One kind of step.

    - `name` is the `kind` in a document, mostly `service.verb`. `summary` says in one line what the step does.
    - `document`: the step's pydantic model. `compiler`: a function that builds the states of a step.
    - `checks`: a function that yields the problems of a step that need the application.
    - `keeps_effect`: whether a rollback may leave the step's effect. None means that it may not.
    - `waves`: how many times its timeout the step may take. None means once.
    - `effects`: what steps of the kind can do. A kind that changes anything in AWS has `Effect.CHANGES`: it needs the
      lock, and a rollback undoes it.
    - `changes`: the resources that steps of the kind may leave in another state, as ChangedResource or as the name of a
      whole service, such as `rds`. A sweep rejects any other change.
    - `tasks`: the functions that the step calls, which are deployed with what they import of their own package. A step
      without tasks is run by Step Functions itself.
    - `is_journaled`: the step's tasks record its end in the journal.
    - `may_be_skipped`: a run's input may list the step in `skip`. Not the lock, because two runs could act at the same
      time, and not an approval, which is given with `approve` or by a second person.
    - `waits_for`: who or what the step waits for, in the words of a report, if that is not AWS.
    - `cost`: a function that yields the costs of a step. `quotas`: a function that yields its use of AWS quotas.
    - `services`: the AWS services that the step needs. `simulation`: the services that the twin must simulate for it,
      in addition to moto.
    - `readiness`: the areas of the readiness checks that cover the step.
    - `example`: a runbook of a sample application that uses the kind, as `package:file.yaml`.
    """

    name: str
    summary: str
    document: ImportPath
    compiler: ImportPath
    checks: ImportPath | None = None
    undo: Undo | None = None
    keeps_effect: ImportPath | None = None
    waves: ImportPath | None = None
    effects: frozenset[Effect]
    changes: frozenset[str] = frozenset()
    tasks: tuple[Task, ...] = ()
    is_journaled: bool = True
    may_be_skipped: bool = True
    waits_for: str | None = None
    planned_time: PlannedTime
    cost: ImportPath | None = None
    quotas: ImportPath | None = None
    services: tuple[ServiceUse, ...] = ()
    simulation: tuple[str, ...] = ()
    readiness: tuple[str, ...] = ()
    example: str

    @property
    def all_tasks(self) -> tuple[Task, ...]:
        """Return the tasks of the step and of its undo."""
        return (*self.tasks, *(self.undo.tasks if self.undo is not None else ()))

    @property
    def needs_control_plane(self) -> bool:
        """Return whether the step needs a service's control plane."""
        return any(use.control_plane for use in self.services)

    @property
    def example_text(self) -> str:
        """Return the text of the example."""
        package, _, file = self.example.partition(":")
        return (files(package) / file).read_text(encoding="utf-8")

    def has(self, effect: Effect) -> bool:
        """Return whether steps of this kind can have the effect."""
        return effect in self.effects
