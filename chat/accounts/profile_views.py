"""The profile page, and what one does from it: name, email address, rooms of a guest, export, deletion."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.generic import FormView, TemplateView

from ..access.client_address import address_of_request
from ..access.identity import guest_of_browser, identify
from ..access.rate_limits import Kind, rates
from ..journal.service import write_all_steps
from ..journal.types import Refused, Renamed, WriteRequest
from ..models import Membership
from ..pages.errors import too_fast
from ..protocol import Rename
from ..protocol.roles import Role
from ..text.translation import translated
from .account_page import AccountPage, OwnAccountPage, user_of
from .export import export
from .forms import DeleteForm, EmailForm, NameForm
from .mail import ask_to_confirm, confirm, is_confirmed, is_mail_sent, origin_of, report_change
from .service import claim, claimable, delete_account, participant_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """The profile: the name, which the journal changes as it does in a room, and links to the other pages."""
    who, user = identify(request), user_of(request)
    form = NameForm(request.POST or None, initial={"name": who.name})
    if request.method == "POST" and (wait := rates.take(Kind.ACT, address_of_request(request), who.key)):
        return too_fast(request, wait)
    if request.method == "POST" and form.is_valid():
        command = Rename(uuid4(), form.cleaned_data["name"])
        match write_all_steps([WriteRequest("", "", who, command)]):
            case [Renamed()]:
                messages.success(request, _("Your name has been changed."))
                return redirect("account")
            case [Refused(text=text)]:
                form.add_error("name", translated(text))
    guest = guest_of_browser(request)
    rooms = claimable(guest, who.key) if guest else Membership.objects.none()
    context = {
        "form": form,
        "guest": guest,
        "guest_rooms": rooms,
        "is_unconfirmed": is_mail_sent() and bool(user.email) and not is_confirmed(user),
    }
    return render(request, "accounts/account.html", context)


class PasswordRequiredPage(OwnAccountPage, FormView):  # type: ignore[type-arg]
    counted = Kind.PASSWORD

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "user": self.user}


class Email(PasswordRequiredPage):
    """Asks for the password: whoever reads the mail can take over the account."""

    form_class = EmailForm
    template_name = "accounts/email.html"
    success_url = reverse_lazy("account")

    def get_initial(self) -> dict[str, Any]:
        return {"email": self.user.email}

    def form_valid(self, form: EmailForm) -> HttpResponse:
        before, was_confirmed = self.user.email, is_confirmed(self.user)
        self.user.email = form.cleaned_data["email"]
        self.user.save(update_fields=["email"])
        messages.success(self.request, _("Your email address has been changed."))
        if was_confirmed and before != self.user.email:
            report_change(self.user, before)
        ask_to_confirm(self.user, origin_of(self.request))
        return super().form_valid(form)


class EmailConfirm(AccountPage, TemplateView):
    """The link's token follows its `#`, so that no server logs it."""

    counted = Kind.PASSWORD
    template_name = "accounts/email_confirm.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        is_confirmed = confirm(request.POST.get("link", ""))
        return self.render_to_response(self.get_context_data(is_confirmed=is_confirmed))


@require_POST
@login_required
def claim_rooms(request: HttpRequest) -> HttpResponse:
    """Give the account the roles of this browser's guest. Never without being asked: see `claimable`."""
    if guest := guest_of_browser(request):
        claim(guest, participant_of(user_of(request)))
        messages.success(request, _("The rooms are yours now."))
    return redirect("account")


@login_required
@require_safe
def export_account(request: HttpRequest) -> StreamingHttpResponse:
    user = user_of(request)
    response = StreamingHttpResponse(export(user), content_type="application/json")
    file_name = content_disposition_header(as_attachment=True, filename=f"lobby-{user.username}.json")
    response["Content-Disposition"] = file_name or "attachment"
    return response


class Delete(PasswordRequiredPage):
    form_class = DeleteForm
    template_name = "accounts/delete.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        owned = Membership.objects.filter(participant__user=self.user, role=Role.OWNER)
        return super().get_context_data(owned=owned.select_related("room").order_by("room__name"), **kwargs)

    def form_valid(self, form: DeleteForm) -> HttpResponse:
        delete_account(self.user, delete_texts=form.cleaned_data["messages"] == "go")
        logout(self.request)
        return render(self.request, "accounts/deleted.html")
