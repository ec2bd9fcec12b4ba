"""Django's sessions in the database, asked only for keys that Django can have made."""

from django.contrib.sessions.backends import db

KEY_LENGTH = 32  # of ASCII letters and digits


class SessionStore(db.SessionStore):
    """A forged cookie is no session: PostgreSQL would refuse to look for some of them at all."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and len(key) == KEY_LENGTH and key.isascii() and key.isalnum()
