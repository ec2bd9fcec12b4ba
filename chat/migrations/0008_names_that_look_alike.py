"""What names look like, once more: without what cannot be seen and without check marks. Accounts without a
participant get one, so that their names are nobody else's."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import migrations

from ._frozen import account_key, different_name, name_of_account, skeleton

logger = logging.getLogger(__name__)
CHUNK = 500


def look_at_accounts(apps: Any, schema_editor: Any) -> None:
    """Of two that look alike the older keeps its name and the younger gets a number: it logs in as before."""
    participants = apps.get_model("chat", "Participant").objects
    taken: set[str] = set()
    changed = []
    for account in participants.filter(user__isnull=False).order_by("pk").iterator(CHUNK):
        name, looks = different_name(account.name, taken)
        if name != account.name:
            logger.warning("The account %r is called %r now: an older one looks like it", account.name, name)
        if (name, looks) != (account.name, account.skeleton):
            account.name, account.skeleton = name, looks
            changed.append(account)
    for account in changed:  # so that none is in another's way
        participants.filter(pk=account.pk).update(skeleton=f"changing {account.pk}")
    participants.bulk_update(changed, ["name", "skeleton"], CHUNK)
    missing = apps.get_model("auth", "User").objects.filter(participant=None).order_by("pk")
    participants.bulk_create(
        _participants_of(missing, participants.model, taken), CHUNK, ignore_conflicts=True
    )


def _participants_of(users: Iterable[Any], model: Any, taken: set[str]) -> Iterable[Any]:
    for user in users:
        full_name = f"{user.first_name} {user.last_name}".strip()
        name, looks = different_name(name_of_account(user.pk, full_name, user.username), taken)
        yield model(key=account_key(user.pk), user=user, name=name, skeleton=looks, verified_email=user.email)


def look_at_guests(apps: Any, schema_editor: Any) -> None:
    participants = apps.get_model("chat", "Participant").objects
    changed = []
    for guest in participants.filter(user=None).only("pk", "name", "skeleton").iterator(CHUNK):
        if guest.skeleton != (looks := skeleton(guest.name)):
            guest.skeleton = looks
            changed.append(guest)
    participants.bulk_update(changed, ["skeleton"], CHUNK)


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_accounts")]

    operations = [
        migrations.RunPython(look_at_accounts, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(look_at_guests, migrations.RunPython.noop, elidable=True),
    ]
