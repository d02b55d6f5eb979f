"""What plug-ins add to a simulated world: services, and the resources of their components."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leeward.base.import_paths import load
from leeward.kinds.plugin_discovery import plugins
from leeward.kinds.registry import component_kinds
from leeward.state_machines.application.application_document import Application
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.engine import Engine


@dataclass(frozen=True, slots=True)
class ComponentWorld:
    """The world that a plug-in extends. `hooks` has its virtual clock and its random numbers."""

    engine: Engine
    hooks: BackendHooks
    application: Application
    origin: str
    target: str

    def client(self, service: str, region: str) -> Any:
        """Return a boto3 client of the simulated service."""
        return self.engine.client(service, region)


def install_services(world: ComponentWorld) -> None:
    """Add the services that plug-ins simulate."""
    for plugin in plugins():
        for service in plugin.simulated_services:
            if service.install is not None:
                load(service.install)(world)


def create_components(world: ComponentWorld) -> None:
    """Create the resources of the components whose kinds describe them."""
    for name, component in world.application.components.items():
        path = component_kinds()[component.kind].world
        if path is not None:
            load(path)(world, name, component)
