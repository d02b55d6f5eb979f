"""How long users are observed after a run's end: until all of them follow the run's last change of routing."""

from __future__ import annotations

from datetime import timedelta

from leeward.rehearsal.clients.page_clients import PageClients
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.worlds.users.reaction_time import longest_reaction
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.twin.aws.moto_fixes.route53.route53_changes import LONGEST_PROPAGATION
from leeward.twin.data_planes.route53 import LONGEST_CONTROL_PROPAGATION
from leeward.twin.internet.health.health_check_timing import longest_detection


def longest_settle_time(application: Application, clients: PageClients | WritingClients | None) -> timedelta:
    """Return the longest time from a run's end until every user's latest request follows the run's last change.

    It is the time until the DNS answers change, the clients' reaction, and the pause between two requests. Without
    clients, it is 0.
    """
    if clients is None:
        return timedelta()
    return _longest_answer_delay(application) + longest_reaction(clients).total + clients.request_interval


def _longest_answer_delay(application: Application) -> timedelta:
    """Return the longest time until DNS answers follow a record, a routing control, or a health check."""
    detections = [
        longest_detection(timedelta(seconds=api.health.interval_seconds), api.health.threshold)
        for _, api in application.components_of_kind(RestApiComponent)
    ]
    return max(LONGEST_PROPAGATION, LONGEST_CONTROL_PROPAGATION, *detections)
