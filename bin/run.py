"""`make run`: migrate, serve with runserver, and say the address when it answers.

Runs twice: in the process that watches the files, and, by Django's reloader, in the one that serves.
"""

import io
import logging
import os
import socket
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import environ

HOST = os.environ.get("HOST") or "127.0.0.1"
PORT = os.environ.get("PORT") or "8000"
EVERYWHERE = {"0.0.0.0", "::"}
LOCAL = ["localhost", "127.0.0.1", "[::1]"]


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def allow_host() -> None:
    """Add HOST to the hosts that the settings allow, for this run."""
    allowed = environ.Env().list("ALLOWED_HOSTS", default=[])
    own = [socket.gethostname()] if HOST in EVERYWHERE else [bracketed(HOST)]
    os.environ["ALLOWED_HOSTS"] = ",".join(dict.fromkeys([*(allowed or LOCAL), *own]))


def port_is_free() -> bool:
    family = socket.AF_INET6 if ":" in HOST else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(PORT)))
        except OSError as error:
            print(f"{bracketed(HOST)}:{PORT}: {error.strerror}. Try: make run PORT={int(PORT) + 1}")
            return False
    return True


def say_address_when_it_answers() -> None:
    reachable = "127.0.0.1" if HOST == "0.0.0.0" else "::1" if HOST == "::" else HOST
    while True:
        try:
            socket.create_connection((reachable, int(PORT)), timeout=1).close()
            break
        except OSError:
            time.sleep(0.02)
    if environ.Env().bool("DEBUG") and not (HOST.startswith("127.") or HOST in ("localhost", "::1")):
        print("DEBUG is on: a page that fails shows its source and settings to everybody who gets here.")
    print(f"Lobby is open at http://{bracketed(reachable)}:{PORT}/chat/   (Ctrl-C closes it)", flush=True)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mysite.settings")
    if (ROOT / ".env").exists():
        environ.Env.read_env(ROOT / ".env")
    allow_host()
    os.environ.setdefault("DEBUG", "on")  # unless the environment or `.env` says otherwise
    serving = os.environ.get("RUN_MAIN") == "true"
    if not serving and not port_is_free():
        sys.exit(1)

    import django
    from django.core.management import call_command

    django.setup()
    if not serving:
        call_command("migrate", verbosity=0)
        threading.Thread(target=say_address_when_it_answers, daemon=True).start()
    # The banner is hidden: the address is the last word. Errors and the log go to stderr.
    logging.getLogger("django.utils.autoreload").addFilter(lambda record: "Watching" not in record.msg)
    call_command("runserver", f"{bracketed(HOST)}:{PORT}", stdout=io.StringIO())


if __name__ == "__main__":
    main()
