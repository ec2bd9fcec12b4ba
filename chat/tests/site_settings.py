"""The settings of a site for tests: production's, but for passwords, which are kept under a hash that costs
nothing. A good one takes a third of a second of a processor each time somebody signs up or logs in."""

from mysite.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
