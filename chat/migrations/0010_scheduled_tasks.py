"""The model Chore is now ScheduledTask. Its table keeps its name."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_connections_by_participant")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameModel("Chore", "ScheduledTask"),
                migrations.AlterModelTable("ScheduledTask", "chat_chore"),
            ]
        )
    ]
