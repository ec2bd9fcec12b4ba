"""One settings file; everything that differs between sites comes from the environment or `.env`.

The environment wins over `.env`. The table of all settings is in README.md.
"""

from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from .appearance import accent_style, logo_address

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")


def number(name: str, default: int) -> int:
    text: str = env.str(name, default="") or str(default)
    if not text.isdecimal():
        raise ImproperlyConfigured(f"{name}={text!r}: a whole number is meant, 0 or more.")
    return int(text)


# --- What it is and where it runs ---
SITE_NAME = env.str("SITE_NAME", default="") or "Lobby"
if len(SITE_NAME) > 40:
    raise ImproperlyConfigured(f"SITE_NAME={SITE_NAME!r}: at most 40 characters are meant.")
SITE_ACCENT = accent_style(env.str("SITE_ACCENT", default=""))
SITE_LOGO = logo_address(env.str("SITE_LOGO", default=""))
SECRET_KEY = env.str("SECRET_KEY")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = env.bool("HTTPS", default=False)
if DEBUG and HTTPS:
    raise ImproperlyConfigured(
        "DEBUG and HTTPS are both on: visitors would see the source and the settings. Take DEBUG out of .env."
    )

INSTALLED_APPS = [
    "daphne",  # first: it brings the runserver that serves WebSocket too
    "chat",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "servestatic",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servestatic.middleware.ServeStaticMiddleware",
    "chat.middleware.CompressionMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "chat.middleware.default_headers",
    "chat.middleware.one_language",
    "chat.middleware.PageLimitsMiddleware",
    "chat.middleware.DatabaseAwayMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "mysite.urls"
ASGI_APPLICATION = "mysite.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ]
        },
    }
]

# --- The database ---
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'data' / 'lobby.sqlite3'}")
}
DATABASE = DATABASES["default"]
DATABASE["CONN_MAX_AGE"] = 60
DATABASE["CONN_HEALTH_CHECKS"] = True
if DATABASE["ENGINE"] == "django.db.backends.sqlite3":
    Path(DATABASE["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    DATABASE["OPTIONS"] = {
        # A deferred transaction that reads and then writes fails at once when another has written.
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;",
    }
else:
    DATABASE["ENGINE"] = "chat.database.postgresql"
    DATABASE["OPTIONS"] = {
        "connect_timeout": 5,  # seconds
        # An unreachable server is given up (milliseconds; seconds) …
        "tcp_user_timeout": 12_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        # … and so are we by the server, which would otherwise keep our row locks for hours (milliseconds).
        "options": "-c statement_timeout=10000 -c lock_timeout=5000"
        " -c idle_in_transaction_session_timeout=10000 -c tcp_user_timeout=12000"
        " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The channel layer: hints between processes ---
REDIS_URL = env.str("REDIS_URL", default="")
# Pub/sub ignores the number of Redis's database: this keeps the sites apart that share a server.
REDIS_DATABASE = urlsplit(REDIS_URL).path.strip("/") or "0"
CHANNEL_PREFIX = f"lobby.{blake2b(f'{SECRET_KEY}/{REDIS_DATABASE}'.encode(), digest_size=8).hexdigest()}."
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, dict[str, Any]] = {
        "default": {
            "BACKEND": "chat.cluster.layer.RedisChannelLayer",
            "CONFIG": {
                "prefix": CHANNEL_PREFIX,
                "hosts": [
                    {
                        "address": REDIS_URL,
                        "socket_timeout": 5,  # of the handshake
                        "socket_connect_timeout": 2,
                    }
                ],
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# --- Files ---
FILES_ROOT = Path(env.str("FILES_ROOT", default="") or BASE_DIR / "data" / "files")
UPLOADS = env.str("UPLOADS", default="") or "all"
if UPLOADS not in ("all", "accounts", "off"):
    raise ImproperlyConfigured(f"UPLOADS={UPLOADS!r}: all, accounts or off is meant.")
# MB of files that are kept; 0: as many as the disk holds.
QUOTA_PARTICIPANT = number("QUOTA_PARTICIPANT", default=500)
QUOTA_ADDRESS = number("QUOTA_ADDRESS", default=500)  # that came from it within a day
QUOTA_ROOM = number("QUOTA_ROOM", default=5_000)
QUOTA_SITE = number("QUOTA_SITE", default=20_000)

# --- How often and how many; each process counts for itself ---
RATE_LIMITS = env.bool("RATE_LIMITS", default=True)
TRUSTED_PROXIES = number("TRUSTED_PROXIES", default=0)
SOCKETS_PER_ADDRESS = number("SOCKETS_PER_ADDRESS", default=500)
# 40/10s: 40 at once, and a bucket that is full again 10 s later. For a participant, then for an address.
RATES = {
    name: env.str(name, default="") or default
    for name, default in {
        "RATE_MESSAGES": "40/10s,400/10s,50000/1d",
        "RATE_EDITS": "40/10s,400/10s",
        "RATE_REACTIONS": "40/10s,400/10s",
        "RATE_ACTS": "30/10s,300/10s",
        "RATE_UPLOADS": "60/10m,600/10m",
        "RATE_QUESTIONS": "100/10s,3000/10s",
        "RATE_SEARCHES": "20/10s,200/10s",
        "RATE_CONNECTS": "1000/1m",
        "RATE_PAGES": "1000/1m",
        "RATE_DOWNLOADS": "5000/1m",
        "RATE_NEW_ROOMS": "100/1h",
        "RATE_SIGN_UPS": "50/1h",
        "RATE_PASSWORDS": "20/10m,60/10m",
    }.items()
}

# --- Language and time ---
# Of our own texts, as each calls itself.
LANGUAGES = [("en", "English"), ("ja", "日本語"), ("ko", "한국어"), ("ru", "Русский")]
SITE_LANGUAGE = env.str("LANGUAGE_CODE", default="")  # empty: each visitor's own
LANGUAGE_CODE = SITE_LANGUAGE or "en"
SILENCED_SYSTEM_CHECKS = ["translation.E004"]  # /admin/ can be in more languages: its texts are Django's
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 86_400  # seconds
LANGUAGE_COOKIE_SAMESITE = "Lax"
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]

# --- Static files, served by the app itself ---
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": {
        "BACKEND": "chat.files.storage.LocalStorage",
        "OPTIONS": {
            "location": FILES_ROOT,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "chat.static_storage.StaticStorage"
    },
}
SERVESTATIC_MINIFY = True
SERVESTATIC_KEEP_ONLY_HASHED_FILES = True  # pages name no others: half to compress and to look at

# --- Mail, sign-in ---
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="") or EMAIL_CONFIG["EMAIL_HOST_USER"] or "lobby@localhost"
LOGIN_URL = "log_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Moderation ---
# Days of absence after which a moderator may succeed a room's owner.
OWNER_AWAY_DAYS = number("OWNER_AWAY_DAYS", default=90)

# --- Web security ---
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE] if SITE_ACCENT else [SELF],
        "img-src": [SELF, "data:", "blob:"],  # a picture is shown before it is sent
        "media-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
# Under HTTPS a browser takes a cookie of such a name from this very host alone, and only over HTTPS.
COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_ENGINE = "chat.database.sessions"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True

# --- Logs ---
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "chat.infra.logging.OneLineARecord",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        }
    },
    "filters": {
        "one_line_a_redis_outage": {"()": "chat.infra.logging.OneLineAnOutage"},
        "one_line_a_database_outage": {"()": "chat.infra.logging.OneLineAnOutage"},
        "one_line_a_refusal": {"()": "chat.infra.logging.OneLineARefusal"},
        "broken_text_is_no_error": {"()": "chat.infra.logging.BrokenTextIsNoError"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one_line_a_refusal"]}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "chat": {"level": "INFO"},
        "django": {"handlers": [], "level": "INFO"},  # Django's own handlers would say everything twice
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "django.channels.server": {"level": "WARNING"},
        "uvicorn.error": {"filters": ["broken_text_is_no_error"]},
        "chat.outage.redis": {"filters": ["one_line_a_redis_outage"]},
        "chat.outage.database": {"filters": ["one_line_a_database_outage"]},
    },
}
