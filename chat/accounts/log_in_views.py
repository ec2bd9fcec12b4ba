"""Signing up, logging in and logging out."""

import unicodedata
from collections.abc import Callable
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth import login, views
from django.contrib.auth.forms import AuthenticationForm
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import FormView

from ..access.client_address import address_of_request, network_of
from ..access.identity import forget_guest, guest_of_browser, identify
from ..access.rate_limits import Kind, guesses, rates
from ..models import Participant
from ..pages.errors import too_fast
from .account_page import AccountPage, user_of
from .forms import LogInForm, SignUpForm
from .mail import ask_to_confirm, origin_of
from .service import participant_of, recheck_sockets, sign_up

USERNAME_MAX: Final = 150  # characters


class SignUp(AccountPage, views.RedirectURLMixin, FormView):  # type: ignore[type-arg]
    """A guest who signs up keeps their participant: public id, messages, roles."""

    counted = Kind.SIGN_UP
    form_class = SignUpForm
    template_name = "registration/sign_up.html"
    next_page = "index"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            return HttpResponseRedirect(self.get_success_url())  # `redirect` would look for a view's name
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: SignUpForm) -> HttpResponse:
        user = form.save(commit=False)
        try:
            sign_up(user, identify(self.request))
        except IntegrityError:  # somebody took the name in the same instant
            form.add_error("username", _("That name has just been taken."))
            return self.form_invalid(form)
        login(self.request, user)
        recheck_sockets()
        ask_to_confirm(user, origin_of(self.request))
        response = super().form_valid(form)
        forget_guest(response)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        guest = guest_of_browser(self.request)
        return super().get_context_data(next=self.get_redirect_url(), guest=guest, **kwargs)


class LogIn(AccountPage, views.LoginView):
    """Gives the session a new key, and the account a participant if it has none."""

    counted = Kind.PASSWORD
    form_class = LogInForm
    redirect_authenticated_user = True
    template_name = "registration/log_in.html"
    next_page = "index"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return limited_by_account(request, super().post)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        participant_of(user_of(self.request))
        recheck_sockets()
        return response


def admin_log_in(request: HttpRequest) -> HttpResponse:
    """The admin's log-in page, with the same limits as `LogIn`."""
    if request.method != "POST":
        return admin.site.login(request)
    if wait := rates.take(Kind.PASSWORD, address_of_request(request)):
        return too_fast(request, wait)
    return limited_by_account(request, admin.site.login)


def limited_by_account(request: HttpRequest, log_in: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Count wrong passwords for the account too, since guesses may come from many addresses. While the
    account is blocked, its owner can still log in from the network where they were last seen."""
    name = request.POST.get("username", "")[:USERNAME_MAX]
    guessed = f"account:{unicodedata.normalize('NFKC', name).casefold()}"
    if (wait := guesses.wait(guessed)) and not _was_last_seen_here(request, name):
        return too_fast(request, wait)
    response = log_in(request)
    if not isinstance(response, HttpResponseRedirect):
        guesses.record(guessed)
    return response


def _was_last_seen_here(request: HttpRequest, name: str) -> bool:
    here = network_of(address_of_request(request))
    last = Participant.objects.filter(user__username__iexact=name).values_list("last_address", flat=True)
    return bool(here) and here in {network_of(address) for address in last}


class LogOut(AccountPage, views.LogoutView):
    """Only by POST. Closes the sockets of the session."""

    next_page = "index"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        recheck_sockets()
        return response
