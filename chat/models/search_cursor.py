"""How far the search index has followed each room."""

from django.db import models

from .room import Room


class SearchCursor(models.Model):
    """Moved by search/indexer.py alone, in the transaction that stores the entries. A room without one is not
    indexed yet."""

    room = models.OneToOneField(Room, models.CASCADE, primary_key=True, related_name="+", db_constraint=False)
    epoch = models.CharField(max_length=16)
    revision = models.BigIntegerField()
    version = models.PositiveSmallIntegerField(help_text="Of what is indexed (search/contents.py).")

    def __str__(self) -> str:
        return f"{self.room_id}: {self.revision}"
