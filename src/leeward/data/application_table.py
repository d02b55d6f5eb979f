"""A table and its key, and the keys of what Leeward itself keeps in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

# The keys of Leeward's own items begin so; an application's own must not.
OWN_KEY_PREFIX = "#"
# The sort key of an own item, where the table has one.
_OWN_SORT_KEY = "#"

TextItem = dict[str, str]


class ApplicationTable(BaseModel):
    """A global table: its name, the same in every Region, and the attributes of its key, which are strings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    partition: str
    sort: str | None = None

    def key(self, text: str) -> TextItem:
        """The whole key of one of our own items."""
        return {self.partition: text} | ({self.sort: _OWN_SORT_KEY} if self.sort else {})


def pack_texts(texts: TextItem) -> dict[str, AttributeValueTypeDef]:
    """Texts as DynamoDB's attributes."""
    return {name: {"S": text} for name, text in texts.items()}


def unpack_texts(item: dict[str, AttributeValueTypeDef]) -> TextItem:
    """The attributes of an item that are texts."""
    return {name: value["S"] for name, value in item.items() if "S" in value}
