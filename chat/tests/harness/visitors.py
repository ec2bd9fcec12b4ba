"""A browser without scripts: keeps cookies, reads pages, fills in their forms."""

import contextlib
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from http.cookiejar import Cookie, CookieJar
from typing import Self
from urllib.parse import urlsplit
from uuid import uuid4

from .servers import ServerProcess

PASSWORD = "correct horse battery staple"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Seen:
    """A page after all redirects."""

    status: int
    path: str
    headers: Mapping[str, str]
    text: str

    @property
    def words(self) -> str:
        """The page without its tags."""
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", self.text)).split())


class Visitor:
    def __init__(
        self,
        server: ServerProcess,
        cookies: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.server = server
        self.headers = dict(headers or {})
        self.name = ""
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self._opener.addheaders += self.headers.items()
        for name, value in (cookies or {}).items():
            self._jar.set_cookie(_cookie(name, value))

    @property
    def cookies(self) -> dict[str, str]:
        return {cookie.name: cookie.value or "" for cookie in self._jar}

    def at(self, server: ServerProcess) -> Self:
        """The same person before another process of the site."""
        self.server = server
        return self

    def get(self, path: str) -> Seen:
        return self._open(urllib.request.Request(self.server.url + path))

    def post(self, path: str, **fields: str) -> Seen:
        """POST just these fields."""
        body = urllib.parse.urlencode(fields).encode()
        return self._open(urllib.request.Request(self.server.url + path, body))

    def send(self, path: str, *, to: str = "", **fields: str) -> Seen:
        """Fill in the form of a page and send it, `to` another address if that is where it goes."""
        page = self.get(path)
        token = TOKEN.search(page.text)
        assert token, f"{path} has no form: {page.words}"
        return self.post(to or path, **fields, csrfmiddlewaretoken=token[1])

    def _open(self, request: urllib.request.Request) -> Seen:
        try:
            answer = self._opener.open(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with contextlib.closing(answer):
            text = answer.read().decode()
        parts = urlsplit(answer.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        return Seen(answer.status, path, dict(answer.headers), text)

    # --- what people do ---

    def sign_up(self, name: str = "", **fields: str) -> str:
        """Make an account; gives its username."""
        name = name or f"alice-{uuid4().hex[:8]}"
        page = self.send(
            "/accounts/sign-up/", username=name, password1=PASSWORD, password2=PASSWORD, **fields
        )
        assert page.path == fields.get("next", "/chat/"), page.words
        self.name = name
        return name

    def log_in(self, name: str, password: str = PASSWORD, **fields: str) -> Seen:
        return self.send("/accounts/log-in/", username=name, password=password, **fields)

    def log_out(self) -> Seen:
        return self.send("/accounts/", to="/accounts/log-out/")

    @property
    def is_signed_in(self) -> bool:
        return self.get("/accounts/").path == "/accounts/"


def _cookie(name: str, value: str) -> Cookie:
    return Cookie(
        version=0,
        name=name,
        value=value,
        port=None,
        port_specified=False,
        domain="127.0.0.1",
        domain_specified=False,
        domain_initial_dot=False,
        path="/",
        path_specified=True,
        secure=False,
        expires=None,
        discard=True,
        comment=None,
        comment_url=None,
        rest={},
    )
