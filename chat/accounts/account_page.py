"""What the account pages share: limits on tries, and pages for who is logged in."""

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import View

from ..access.client_address import address_of_request
from ..access.rate_limits import Kind, rates
from ..pages.errors import too_fast


@method_decorator(sensitive_post_parameters(), name="dispatch")
class AccountPage(View):
    """A page whose POSTs are counted as `counted`, if it is set, for the address and the account."""

    counted: Kind | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.counted and request.method == "POST":
            key = str(request.user.pk or "")
            if wait := rates.take(self.counted, address_of_request(request), key):
                return too_fast(request, wait)
        return super().dispatch(request, *args, **kwargs)


class OwnAccountPage(LoginRequiredMixin, AccountPage):
    @property
    def user(self) -> User:
        return user_of(self.request)


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
