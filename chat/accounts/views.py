"""The pages of one's own account: Django's own views and forms, in the house's words."""

import unicodedata
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from django.contrib import admin, messages
from django.contrib.auth import login, logout, views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import FormView, TemplateView, View

from ..access.client_address import address_of_request, network_of
from ..access.identity import forget_guest, guest_of_browser, identify
from ..access.rate_limits import Kind, guesses, rates
from ..journal.service import write_all_steps
from ..journal.types import Draft, Refused, Renamed
from ..models import Membership, Participant, Role
from ..pages.errors import too_fast
from ..protocol import Rename
from .export import export
from .forms import DeleteForm, EmailForm, LogInForm, NameForm, NewPasswordForm, OtherPasswordForm, SignUpForm
from .mail import ResetForm, ask_to_confirm, confirm, is_confirmed, is_mail_sent, origin_of, tell_of_change
from .service import claim, claimable, delete_account, participant_of, recheck_sockets, sign_up

NAME_LONGEST: Final = 150  # characters of a username
RESET_OF: Final = "_password_reset_uid"  # in the session, beside Django's own token


@method_decorator(sensitive_post_parameters(), name="dispatch")
class AccountPage(View):
    """What can be tried over and over is counted."""

    counted: Kind | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if self.counted and request.method == "POST":
            key = str(request.user.pk or "")
            if wait := rates.take(self.counted, address_of_request(request), key):
                return too_fast(request, wait)
        return super().dispatch(request, *args, **kwargs)


class OwnPage(LoginRequiredMixin, AccountPage):
    @property
    def user(self) -> User:
        return _user(self.request)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


# --- In and out ---


class SignUp(AccountPage, views.RedirectURLMixin, FormView):  # type: ignore[type-arg]
    """A guest who signs up stays who they are."""

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
            form.add_error("username", _("This name has just been taken."))
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
    """The session's key changes, and the account has a participant from now on."""

    counted = Kind.PASSWORD
    form_class = LogInForm
    redirect_authenticated_user = True
    template_name = "registration/log_in.html"
    next_page = "index"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return guessing(request, super().post)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        participant_of(_user(self.request))
        recheck_sockets()
        return response


def admin_log_in(request: HttpRequest) -> HttpResponse:
    """The admin's own door: its tries are counted like ours."""
    if request.method != "POST":
        return admin.site.login(request)
    if wait := rates.take(Kind.PASSWORD, address_of_request(request)):
        return too_fast(request, wait)
    return guessing(request, admin.site.login)


def guessing(request: HttpRequest, log_in: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """Count a wrong password for its account, too. Where somebody guesses from many addresses, the account's
    person is let in all the same from the network where they were last."""
    name = request.POST.get("username", "")[:NAME_LONGEST]
    whose = f"account:{unicodedata.normalize('NFKC', name).casefold()}"
    if (wait := guesses.wait(whose)) and not _is_known_here(request, name):
        return too_fast(request, wait)
    response = log_in(request)
    if not isinstance(response, HttpResponseRedirect):
        guesses.note(whose)
    return response


def _is_known_here(request: HttpRequest, name: str) -> bool:
    """Asked only while an account is under attack."""
    here = network_of(address_of_request(request))
    last = Participant.objects.filter(user__username__iexact=name).values_list("last_address", flat=True)
    return bool(here) and here in {network_of(address) for address in last}


class LogOut(AccountPage, views.LogoutView):
    """Only by a form. The sockets of the session close."""

    next_page = "index"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().post(request, *args, **kwargs)
        recheck_sockets()
        return response


# --- The account itself ---


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The profile: the name, which goes through the journal as in a room, and the way to everything else."""
    who, user = identify(request), _user(request)
    form = NameForm(request.POST or None, initial={"name": who.name})
    if request.method == "POST" and (wait := rates.take(Kind.ACT, address_of_request(request), who.key)):
        return too_fast(request, wait)
    if request.method == "POST" and form.is_valid():
        command = Rename(uuid4(), form.cleaned_data["name"])
        match write_all_steps([Draft("", "", who, command)]):
            case [Renamed()]:
                messages.success(request, _("Your name is changed."))
                return redirect("account")
            case [Refused(reason=reason)]:
                form.add_error("name", reason)
    guest = guest_of_browser(request)
    rooms = claimable(guest, who.key) if guest else Membership.objects.none()
    context = {
        "form": form,
        "guest": guest,
        "guest_rooms": rooms,
        "is_unconfirmed": is_mail_sent() and bool(user.email) and not is_confirmed(user),
    }
    return render(request, "accounts/account.html", context)


class Email(OwnPage, FormView):  # type: ignore[type-arg]
    """Whoever has the mail has the account: the password is asked for."""

    counted = Kind.PASSWORD
    form_class = EmailForm
    template_name = "accounts/email.html"
    success_url = reverse_lazy("account")

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.user.email}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def form_valid(self, form: EmailForm) -> HttpResponse:
        before, was_confirmed = self.user.email, is_confirmed(self.user)
        self.user.email = form.cleaned_data["email"]
        self.user.save(update_fields=["email"])
        messages.success(self.request, _("Your e-mail address is changed."))
        if was_confirmed and before != self.user.email:
            tell_of_change(self.user, before)
        ask_to_confirm(self.user, origin_of(self.request))
        return super().form_valid(form)


class EmailConfirm(AccountPage, TemplateView):
    """The link's secret stands after its `#`; whoever has it reads the address's mail."""

    counted = Kind.PASSWORD
    template_name = "accounts/email_confirm.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        is_good = confirm(request.POST.get("link", ""))
        return self.render_to_response(self.get_context_data(is_confirmed=is_good))


@require_POST
@login_required
def claim_rooms(request: HttpRequest) -> HttpResponse:
    """Take over what the guest of this browser is in rooms. Asked for, never done by itself."""
    if guest := guest_of_browser(request):
        claim(guest, participant_of(_user(request)))
        messages.success(request, _("The rooms are yours now."))
    return redirect("account")


@login_required
@require_safe
def export_account(request: HttpRequest) -> StreamingHttpResponse:
    user = _user(request)
    response = StreamingHttpResponse(export(user), content_type="application/json")
    file_name = content_disposition_header(as_attachment=True, filename=f"lobby-{user.username}.json")
    response["Content-Disposition"] = file_name or "attachment"
    return response


class Delete(OwnPage, FormView):  # type: ignore[type-arg]
    counted = Kind.PASSWORD
    form_class = DeleteForm
    template_name = "accounts/delete.html"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        owned = Membership.objects.filter(participant__user=self.user, role=Role.OWNER)
        return super().get_context_data(owned=owned.select_related("room").order_by("room__name"), **kwargs)

    def form_valid(self, form: DeleteForm) -> HttpResponse:
        delete_account(self.user, empty=form.cleaned_data["messages"] == "go")
        logout(self.request)
        return render(self.request, "accounts/deleted.html")


# --- Passwords ---


class PasswordChange(OwnPage, views.PasswordChangeView):
    """Every other session of the account ends; this one gets another key."""

    counted = Kind.PASSWORD
    form_class = OtherPasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        # At once, or the sockets of this session would be found with a password that is over.
        with transaction.atomic():
            response = super().form_valid(form)
        recheck_sockets()
        messages.success(self.request, _("Your password is changed. Every other browser is logged out."))
        return response


class PasswordReset(AccountPage, FormView):  # type: ignore[type-arg]
    """Never tells whether an address is known."""

    counted = Kind.PASSWORD
    form_class = ResetForm
    template_name = "registration/reset.html"
    success_url = reverse_lazy("password_reset_done")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_mail_sent=is_mail_sent(), **kwargs)

    def form_valid(self, form: ResetForm) -> HttpResponse:
        if is_mail_sent():
            form.mail_links(origin_of(self.request))
        return super().form_valid(form)


class PasswordResetSent(AccountPage, TemplateView):
    template_name = "registration/reset_sent.html"


class PasswordResetConfirm(AccountPage, views.PasswordResetConfirmView):
    """The link's secret stands after its `#`: `fragment.js` sends it here, Django's view keeps it in the
    session, and then asks for the new password."""

    counted = Kind.PASSWORD
    form_class = NewPasswordForm
    post_reset_login = True
    template_name = "registration/reset_confirm.html"
    success_url = reverse_lazy("account")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        uid, _dot, token = request.POST.get("link", "").partition(".")
        if "link" not in request.POST:
            uid, token = request.session.get(RESET_OF, ""), self.reset_url_token
        response = super().dispatch(request, uidb64=uid, token=token)
        if "link" in request.POST and isinstance(response, HttpResponseRedirect):
            request.session[RESET_OF] = uid
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        self.request.session.pop(RESET_OF, None)
        participant_of(_user(self.request))
        recheck_sockets()
        messages.success(self.request, _("Your new password holds from now on."))
        return response
