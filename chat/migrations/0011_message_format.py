from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0010_scheduled_tasks")]

    operations = [
        migrations.AddField(
            model_name="message",
            name="format",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, help_text="0: plain, 1: with markup."
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="renderer",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, editable=False, help_text="The version that made the HTML."
            ),
        ),
    ]
