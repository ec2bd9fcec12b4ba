"""Anyone who can speak: a guest known by a signed cookie, or an account."""

import unicodedata
from hashlib import blake2b
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.protocol.limits import NAME_MAX

from ..text.confusables import skeleton
from ..text.invisible import JOINERS, has_idle_sign, is_blank

TYPED_MAX: Final = 10 * NAME_MAX  # characters, before several become one
ADJECTIVES = [
    "Amber",
    "Bold",
    "Brave",
    "Bright",
    "Calm",
    "Cheerful",
    "Clever",
    "Cosy",
    "Crimson",
    "Curious",
    "Daring",
    "Dapper",
    "Eager",
    "Fair",
    "Fearless",
    "Gentle",
    "Golden",
    "Happy",
    "Hazel",
    "Honest",
    "Indigo",
    "Jolly",
    "Keen",
    "Kind",
    "Lively",
    "Lucky",
    "Lunar",
    "Mellow",
    "Merry",
    "Misty",
    "Nimble",
    "Noble",
    "Opal",
    "Patient",
    "Plucky",
    "Polite",
    "Proud",
    "Quick",
    "Quiet",
    "Rosy",
    "Ruby",
    "Rustic",
    "Sage",
    "Scarlet",
    "Serene",
    "Silver",
    "Sleepy",
    "Smiling",
    "Snowy",
    "Solar",
    "Spry",
    "Steady",
    "Sunny",
    "Swift",
    "Tidy",
    "Tranquil",
    "Velvet",
    "Violet",
    "Warm",
    "Wise",
    "Witty",
    "Woolly",
    "Young",
    "Zesty",
]
ANIMALS = [
    "Alpaca",
    "Badger",
    "Bear",
    "Beaver",
    "Bison",
    "Bluebird",
    "Camel",
    "Cat",
    "Cheetah",
    "Cricket",
    "Crane",
    "Deer",
    "Dolphin",
    "Dove",
    "Duck",
    "Eagle",
    "Falcon",
    "Ferret",
    "Finch",
    "Fox",
    "Frog",
    "Gecko",
    "Giraffe",
    "Goose",
    "Hare",
    "Hawk",
    "Hedgehog",
    "Heron",
    "Ibis",
    "Jackdaw",
    "Jaguar",
    "Kestrel",
    "Kiwi",
    "Koala",
    "Lark",
    "Lemur",
    "Lion",
    "Llama",
    "Lynx",
    "Magpie",
    "Mole",
    "Moose",
    "Newt",
    "Otter",
    "Owl",
    "Panda",
    "Parrot",
    "Penguin",
    "Puffin",
    "Quail",
    "Rabbit",
    "Raven",
    "Robin",
    "Salmon",
    "Seal",
    "Sparrow",
    "Squirrel",
    "Starling",
    "Stork",
    "Swan",
    "Tapir",
    "Tiger",
    "Walrus",
]


def new_key() -> str:
    """A participant's public id. No secret: the cookie that carries a guest's is signed."""
    return uuid4().hex


def generated_name(key: str) -> str:
    """A friendly name that follows from the id, so that a guest has one before any row exists."""
    digest = blake2b(key.encode(), digest_size=4).digest()
    return f"{ADJECTIVES[digest[0] % len(ADJECTIVES)]} {ANIMALS[digest[1] % len(ANIMALS)]}"


def clean_participant_name(raw: str) -> str:
    """The name in NFKC, inner spaces single, or ValidationError (codes `empty`, `too_long`, `invalid`)."""
    # Normalizing costs the square of the marks on a letter: what cannot come to a name is not looked at.
    name = raw if len(raw) > TYPED_MAX else " ".join(unicodedata.normalize("NFKC", raw).split())
    if is_blank(name):
        raise ValidationError(_("A name needs at least one character."), code="empty")
    if len(name) > NAME_MAX:
        raise ValidationError(
            _("A name has at most %(max)d characters."),
            code="too_long",
            params={"max": NAME_MAX},
        )
    # C: controls, bidi overrides, surrogates, unassigned.
    if any(unicodedata.category(c)[0] == "C" and c not in JOINERS for c in name) or has_idle_sign(name):
        raise ValidationError(_("This name has characters that cannot be shown."), code="invalid")
    return name


def is_claimed(name: str, by: int | None = None) -> bool:
    """Whether an account, other than the participant `by` (id), has this name or one that looks like it."""
    holders = Participant.objects.filter(skeleton=skeleton(name), user__isnull=False)
    return holders.exclude(pk=by).exists() if by else holders.exists()


def unclaimed_name(name: str) -> str:
    """The name, with a number where an account has it: for names that nobody chose."""
    number = 1
    free = name
    while is_claimed(free):
        number += 1
        free = f"{name[: NAME_MAX - 4].rstrip(JOINERS + ' ')} {number}"
    return free


class Leaving(models.TextChoices):
    MESSAGES_STAY = "stay"
    MESSAGES_GO = "go"


class Participant(models.Model):
    """The row appears at the first explicit act (a post, a rename), never on a GET or a connect."""

    key = models.CharField(_("public id"), max_length=32, unique=True, default=new_key, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="participant",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=NAME_MAX)
    skeleton = models.CharField(
        max_length=160,
        default="",
        db_default="",
        editable=False,
        db_index=True,
        help_text=_("What the name looks like: two names with one skeleton can be taken for each other."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last here"), null=True, editable=False)
    last_address = models.CharField(
        _("last address"), max_length=45, blank=True, db_default="", editable=False
    )

    verified_email = models.EmailField(
        blank=True,
        db_default="",
        editable=False,
        help_text=_("An address that the account has had and confirmed."),
    )
    leaving = models.CharField(
        max_length=4,
        choices=Leaving,
        blank=True,
        db_default="",
        editable=False,
        help_text=_("The account is being deleted: its messages stay or go."),
    )

    class Meta:
        verbose_name = _("participant")
        verbose_name_plural = _("participants")
        constraints = [
            models.UniqueConstraint(
                fields=["skeleton"], condition=models.Q(user__isnull=False), name="accounts_look_different"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.skeleton = skeleton(self.name)
        super().save(*args, **kwargs)
