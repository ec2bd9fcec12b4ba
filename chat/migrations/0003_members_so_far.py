"""Who has spoken so far is a member, the first speaker of a room its owner; what names look like, and which
messages an account said."""

from typing import Any

from django.db import migrations

from ._frozen import different_name, skeleton


def look_at_names(apps: Any, schema_editor: Any) -> None:
    """Two accounts that look alike get numbers: their names must differ from now on."""
    participants = apps.get_model("chat", "Participant").objects
    taken: set[str] = set()
    chunk = []
    for participant in participants.only("pk", "name", "user_id").order_by("pk").iterator(chunk_size=1000):
        if participant.user_id:
            participant.name, participant.skeleton = different_name(participant.name, taken)
        else:
            participant.skeleton = skeleton(participant.name)
        chunk.append(participant)
        if len(chunk) == 1000:
            participants.bulk_update(chunk, ["name", "skeleton"])
            chunk = []
    participants.bulk_update(chunk, ["name", "skeleton"])


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_people")]

    operations = [
        migrations.RunPython(look_at_names, migrations.RunPython.noop, elidable=True),
        migrations.RunSQL(
            "INSERT INTO chat_membership (room_id, participant_id, role, seen)"
            " SELECT room_id, author_id, 'member', 0 FROM chat_message"
            " WHERE author_id IS NOT NULL GROUP BY room_id, author_id",
            migrations.RunSQL.noop,
            elidable=True,
        ),
        migrations.RunSQL(
            "UPDATE chat_membership SET role = 'owner' WHERE EXISTS (SELECT 1 FROM chat_message m"
            " WHERE m.room_id = chat_membership.room_id AND m.sequence = 1"
            " AND m.author_id = chat_membership.participant_id)",
            migrations.RunSQL.noop,
            elidable=True,
        ),
        migrations.RunSQL(
            "UPDATE chat_message SET author_verified = true WHERE author_id IN"
            " (SELECT id FROM chat_participant WHERE user_id IS NOT NULL)",
            migrations.RunSQL.noop,
            elidable=True,
        ),
    ]
