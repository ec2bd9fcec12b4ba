"""Changing a password, and replacing a forgotten one by a mailed link."""

from typing import Any, Final

from django.contrib import messages
from django.contrib.auth import views
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.generic import FormView

from ..access.rate_limits import Kind
from .account_page import AccountPage, OwnAccountPage, user_of
from .forms import ChangePasswordForm, NewPasswordForm
from .mail import ResetForm, is_mail_sent, origin_of
from .service import participant_of, recheck_sockets

RESET_UID: Final = "_password_reset_uid"
"""The key in the session, where Django keeps its token too."""


class PasswordChange(OwnAccountPage, views.PasswordChangeView):
    """Ends every other session of the account and gives this one a new key."""

    counted = Kind.PASSWORD
    form_class = ChangePasswordForm
    template_name = "registration/password_change.html"
    success_url = reverse_lazy("account")

    def form_valid(self, form: Any) -> HttpResponse:
        # In one transaction, or a check in between would close the sockets of this session.
        with transaction.atomic():
            response = super().form_valid(form)
        recheck_sockets()
        messages.success(
            self.request, _("Your password has been changed. All your other browsers are logged out.")
        )
        return response


class PasswordReset(AccountPage, FormView):  # type: ignore[type-arg]
    """Gives the same answer whether or not the address is known."""

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


class PasswordResetConfirm(AccountPage, views.PasswordResetConfirmView):
    """The link's token follows its `#`, so that no server logs it. `fragment.js` sends it here by POST;
    Django's view keeps it in the session and asks for the new password."""

    counted = Kind.PASSWORD
    form_class = NewPasswordForm
    post_reset_login = True
    template_name = "registration/reset_confirm.html"
    success_url = reverse_lazy("account")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        uid, _dot, token = request.POST.get("link", "").partition(".")
        if "link" not in request.POST:
            uid, token = request.session.get(RESET_UID, ""), self.reset_url_token
        response = super().dispatch(request, uidb64=uid, token=token)
        if "link" in request.POST and isinstance(response, HttpResponseRedirect):
            request.session[RESET_UID] = uid
        return response

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        self.request.session.pop(RESET_UID, None)
        participant_of(user_of(self.request))
        recheck_sockets()
        messages.success(self.request, _("Your new password is set."))
        return response
