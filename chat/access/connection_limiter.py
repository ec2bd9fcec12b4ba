"""How many things an address has open in this process: sockets, connections, requests."""

from threading import Lock

from .client_address import SITE_IS, network_of, site_of


class ConnectionLimiter:
    def __init__(self, most: int) -> None:
        """`most` 0: as many as one likes."""
        self._most = most
        self._lock = Lock()
        self._inside: dict[str, int] = {}

    def enter(self, address: str) -> bool:
        """Whether one more is allowed. If so, `leave` is to be called for it once."""
        with self._lock:
            if not self.has_place(address):
                return False
            for place in self._places(address):
                self._inside[place] = self._inside.get(place, 0) + 1
        return True

    def has_place(self, address: str) -> bool:
        return all(self._inside.get(place, 0) < most for place, most in self._places(address).items())

    def leave(self, address: str) -> None:
        with self._lock:
            for place in self._places(address):
                left = self._inside.get(place, 0) - 1
                if left > 0:
                    self._inside[place] = left
                else:
                    self._inside.pop(place, None)

    def _places(self, address: str) -> dict[str, int]:
        """Where they are counted, and how many there may be: the address, and the /48 of an IPv6 one."""
        if not self._most:
            return {}
        places = {network_of(address): self._most, site_of(address): SITE_IS * self._most}
        places.pop("", None)
        return places
