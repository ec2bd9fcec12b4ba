"""The pages under /manage/ that are about the room: its settings, its reports, its audit log."""

from uuid import uuid4

from django.db.models import QuerySet
from django.forms import BaseForm
from django.http import HttpResponse
from django.utils.translation import gettext as _

from .. import protocol
from ..access.rate_limits import Kind
from ..journal.handlers.messages import author_of
from ..journal.handlers.succession import may_be_succeeded
from ..journal.types import Settings
from ..models import AuditEntry, Membership, Report
from ..protocol import Act
from ..protocol.roles import Role
from .forms import DURATIONS, CloseForm, PasswordForm, ReportForm, SettingsForm
from .log_words import detail_of, sentence_of
from .moderator_request import ModeratorRequest, moderator_page
from .people_views import act_on_somebody, listed_people

PAGE = 50


@moderator_page
def manage(moderator: ModeratorRequest) -> HttpResponse:
    """What holds in the room. The page has several forms: `do` says which one was sent."""
    forms: dict[str, BaseForm] = {
        "settings": SettingsForm(moderator.room, moderator.permissions),
        "password": PasswordForm(),
        "close": CloseForm(moderator.room),
    }
    if moderator.request.method == "POST" and _done(moderator, moderator.request.POST.get("do", ""), forms):
        return moderator.back_to("manage")
    # There is no owner when the owner's account is deleted.
    owner = Membership.objects.filter(room=moderator.room, role=Role.OWNER).select_related("participant")
    may_succeed = not moderator.permissions.owns and may_be_succeeded(moderator.room.pk)
    return moderator.page(
        "settings.html", here="manage", owner=owner.first(), may_succeed=may_succeed, **forms
    )


def _done(moderator: ModeratorRequest, what: str, forms: dict[str, BaseForm]) -> bool:
    """Whether the form `what` was valid and written. If not, `forms` has it with its errors."""
    sent = moderator.request.POST
    match what:
        case "settings":
            forms[what] = form = SettingsForm(moderator.room, moderator.permissions, sent)
            return form.is_valid() and moderator.write(form.command, form)
        case "password":
            forms[what] = password = PasswordForm(sent)
            if password.is_valid() and moderator.wait_for(Kind.PASSWORD):
                password.add_error(None, _("Too many attempts. Try again later."))
            changes = {"password": password.cleaned_data.get("password")}
            return password.is_valid() and moderator.write(Settings(changes), password)
        case "close":
            forms[what] = close = CloseForm(moderator.room, sent)
            return close.is_valid() and moderator.write(Settings({"closed": True}), close)
        case "no_password":
            moderator.write(Settings({"password": ""}))
        case "reopen":
            moderator.write(Settings({"closed": False}))
        case "succeed":
            moderator.write(protocol.Moderate(uuid4(), Act.SUCCEED))
        case _:
            return False
    return True


# --- Reports ---


@moderator_page
def manage_reports(moderator: ModeratorRequest) -> HttpResponse:
    if "act" in moderator.request.POST:
        act_on_somebody(moderator)
        return moderator.back_to("manage_reports")
    open_reports = Report.objects.open().filter(message__room=moderator.room)
    open_reports = open_reports.select_related("message", "message__author", "reporter")
    form = ReportForm(moderator.request.POST)
    if moderator.request.method == "POST" and form.is_valid():
        _settle(
            moderator, open_reports.filter(message__sequence=form.cleaned_data["id"]), form.cleaned_data["do"]
        )
        return moderator.back_to("manage_reports")
    with_texts = open_reports.prefetch_related("message__earlier_texts")
    reports = moderator.paginated(with_texts.order_by("pk"), PAGE)
    authors = listed_people(moderator, {report.message.author_id for report in reports})
    rows = [(report, authors.get(report.message.author_id)) for report in reports]
    return moderator.page(
        "reports.html", here="manage_reports", reports=reports, rows=rows, durations=DURATIONS
    )


def _settle(moderator: ModeratorRequest, reports: QuerySet[Report], how: str) -> None:
    """All reports of one message at once."""
    report = reports.first()
    if report is None:
        moderator.complain(_("Someone else has already settled this report."))
        return
    message = report.message
    if how == "delete" and not moderator.write(protocol.Delete(uuid4(), message.sequence)):
        return
    participant = moderator.participant
    Report.objects.filter(message=message).settle(by=participant.pk if participant else None)
    if how != "delete":
        moderator.record("settle", f"#{message.sequence}", author_of(message))
        is_gone = message.deleted_at is not None
        moderator.say(
            _("The report is settled.") if is_gone else _("The report is settled. The message stays.")
        )


# --- The audit log ---


@moderator_page
def manage_log(moderator: ModeratorRequest) -> HttpResponse:
    entries = moderator.paginated(AuditEntry.objects.filter(room=moderator.room).order_by("-id"), PAGE)
    lines = [(entry, sentence_of(entry), detail_of(entry)) for entry in entries]
    return moderator.page("log.html", here="manage_log", entries=entries, lines=lines)
