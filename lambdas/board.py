"""Writes the application's board into its bucket: after each look of readiness, and when a run asks or ends."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from leeward.board.gather import of_tables
from leeward.board.model import Board
from leeward.board.publish import publish
from leeward.board.told import Told
from leeward.common.aws import client
from leeward.lambdas.common.events import Answer
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class BoardEvent(BaseModel):
    """What the documents say of the application (`state_machines.boards`), and where the site belongs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    told: Told
    bucket: str


class Published(Answer):
    """What was written."""

    bucket: str
    keys: list[str]


@task(BoardEvent)
def handler(event: BoardEvent, bench: Workbench) -> Published:
    """From this Region's table alone, which is a replica of the other's: it works while the origin is dark."""
    page = of_tables(event.told, {bench.region: bench.table})
    made = Board(at=bench.now, applications=(page,))
    return Published(bucket=event.bucket, keys=publish(made, client("s3", bench.region), event.bucket))
