"""What is to be done once in a while, by one process of all."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now


class ChoreManager(models.Manager["Chore"]):
    def claim(self, name: str, interval: timedelta) -> bool:
        """Whether the caller is the one to do it now: true once an interval, however many processes ask."""
        self.get_or_create(name=name)
        due = models.Q(ran_at=None) | models.Q(ran_at__lte=Now() - interval)
        return bool(self.filter(due, name=name).update(ran_at=Now()))


class Chore(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField(null=True)

    objects = ChoreManager()

    def __str__(self) -> str:
        return self.name
