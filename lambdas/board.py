"""Writes the application's board into its bucket: after each look of readiness, and when a run asks or ends."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from leeward.board.application_summary import ApplicationSummary
from leeward.board.model import Board
from leeward.board.page_builder import build_page_from_tables
from leeward.board.site.s3_publisher import publish_board
from leeward.common.aws.clients import client
from leeward.lambdas.runtime.invocation.events import TaskResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class BoardEvent(BaseModel):
    """What the documents say of the application (`state_machines.boards`), and where the site belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    told: ApplicationSummary
    bucket: str


class PublishedBoard(TaskResult):
    """What was written."""

    bucket: str
    keys: list[str]


@task(BoardEvent)
def handler(event: BoardEvent, context: TaskContext) -> PublishedBoard:
    """From this Region's table alone, which is a replica of the other's: it works while the origin is dark."""
    page = build_page_from_tables(event.told, {context.region: context.table})
    made = Board(at=context.now, applications=(page,))
    return PublishedBoard(bucket=event.bucket, keys=publish_board(made, client("s3", context.region), event.bucket))
