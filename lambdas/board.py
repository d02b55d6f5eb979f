"""Lambda task that publishes an application's board to S3.

It runs after each readiness check, and when a run asks a question or ends.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from leeward.board.application_summary import ApplicationSummary
from leeward.board.model import Board
from leeward.board.page_builder import build_page_from_tables
from leeward.board.site.s3_publisher import publish_board
from leeward.common.aws.clients import client
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import TaskResult
from leeward.lambdas.runtime.task import task


class BoardEvent(BaseModel):
    """The application's summary (from `state_machines.deployment.board_event`) and the bucket of the site."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    told: ApplicationSummary
    bucket: str


class PublishedBoard(TaskResult):
    """The bucket and the keys of the published pages."""

    bucket: str
    keys: list[str]


@task(BoardEvent)
def handler(event: BoardEvent, context: TaskContext) -> PublishedBoard:
    """Build the board and publish it.

    Read only this Region's replica of the table, so that the board works while the origin Region is unavailable.
    """
    page = build_page_from_tables(event.told, {context.region: context.table})
    board = Board(at=context.now, applications=(page,))
    return PublishedBoard(bucket=event.bucket, keys=publish_board(board, client("s3", context.region), event.bucket))
