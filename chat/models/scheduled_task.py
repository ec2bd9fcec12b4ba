"""When each task of server/maintenance.py was last begun, so that one process of all does it."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now


class ScheduledTaskManager(models.Manager["ScheduledTask"]):
    def claim(self, name: str, interval: timedelta) -> bool:
        """Whether the caller is the one to do it now: true once an interval, however many processes ask."""
        self.get_or_create(name=name)
        due = models.Q(ran_at=None) | models.Q(ran_at__lte=Now() - interval)
        return bool(self.filter(due, name=name).update(ran_at=Now()))


class ScheduledTask(models.Model):
    name = models.CharField(max_length=40, primary_key=True)
    ran_at = models.DateTimeField(null=True)

    objects = ScheduledTaskManager()

    class Meta:
        db_table = "chat_chore"

    def __str__(self) -> str:
        return self.name
