"""Which messages have to be indexed for search."""

from django.db import models


class SearchPending(models.Model):
    """The database adds it in the transaction that stores the message or changes what is searched of it
    (migration 0018, and `create_triggers` of search/sqlite.py); search/indexer.py removes it."""

    message_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.pk)
