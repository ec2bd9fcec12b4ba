"""The settings of a site for tests: production's, but for passwords, which are kept under a hash that costs
nothing (a good one takes a third of a second of a processor each time somebody signs up or logs in), and for
constants that a test wants to be others."""

import os

from mysite.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if os.environ.get("CONSTANTS"):
    INSTALLED_APPS += ["chat.tests.harness.constants.Constants"]  # noqa: F405
