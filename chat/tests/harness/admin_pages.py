"""A client of the admin: signs in, reads forms, sends them."""

import re
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from uuid import uuid4

from django.contrib.auth.hashers import make_password

from .forms import fields_of
from .servers import ServerProcess, Site

PASSWORD = "correct horse battery staple"


class AdminPages:
    def __init__(self, site: Site, server: ServerProcess) -> None:
        self.server = server
        self.name = name = f"admin-{uuid4().hex[:8]}"
        row = {
            "username": name,
            "password": make_password(PASSWORD),
            "is_superuser": True,
            "is_staff": True,
            "is_active": True,
            "first_name": "",
            "last_name": "",
            "email": "admin@example.com",
            "date_joined": "2026-01-01 00:00:00",
        }
        places = ", ".join(["%s"] * len(row))
        site.sql(f"INSERT INTO auth_user ({', '.join(row)}) VALUES ({places})", *row.values())
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.send("/admin/login/", username=name, password=PASSWORD, next="/admin/")

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self._jar}

    def read(self, path: str) -> str:
        """A page's html, redirects followed; an error status is an exception."""
        with self._opener.open(self.server.url + path, timeout=60) as answer:
            text: str = answer.read().decode()
        return text

    def send(self, path: str, **fields: str | None) -> str:
        """Send the form of a page as it stands but for these fields (None: a box is not checked); gives the
        page that follows."""
        page = self.read(path)
        form = re.search(r'<form [^>]*?id="((?!logout-form|changelist-search)[^"]+)"', page)
        found: dict[str, str | None] = {**fields_of(page, form[1] if form else "")}
        assert found.get("csrfmiddlewaretoken"), f"{path} has no form"
        filled = {name: value for name, value in (found | fields).items() if value is not None}
        body = urllib.parse.urlencode(filled).encode()
        with self._opener.open(self.server.url + path, body, timeout=60) as answer:
            text: str = answer.read().decode()
        return text
