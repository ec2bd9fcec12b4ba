"""The pages under /manage/ that are about the room: its settings, its reports, its audit log."""

from uuid import uuid4

from django.db.models import QuerySet
from django.db.models.functions import Now
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _

from .. import protocol
from ..access.client_address import address_of_request
from ..access.rate_limits import Kind, rates
from ..journal.handlers.succession import may_be_succeeded
from ..journal.types import Refused, Settings
from ..models import AuditEntry, Membership, Report, Role
from ..protocol import Act
from .forms import CloseForm, ModeratorSettingsForm, PasswordForm, ReportForm, SettingsForm, StaffSettingsForm
from .log_words import detail_of, words_of
from .room_request import Desk, page_of_moderators

PAGE = 50


@page_of_moderators
def manage(desk: Desk) -> HttpResponse:
    """What holds in the room. The page has several forms: `do` says which one was sent."""
    forms: dict[str, BaseForm] = {
        "settings": _settings_form(desk),
        "password": PasswordForm(),
        "close": CloseForm(desk.room),
    }
    if desk.request.method == "POST" and _done(desk, desk.request.POST.get("do", ""), forms):
        return desk.back_to("manage")
    return desk.page(
        "settings.html", here="manage", owner=_owner(desk), may_succeed=_may_succeed(desk), **forms
    )


def _settings_form(desk: Desk, sent: QueryDict | None = None) -> ModeratorSettingsForm:
    if desk.standing.staff:
        return StaffSettingsForm(sent, instance=desk.room)
    kind = SettingsForm if desk.standing.owns else ModeratorSettingsForm
    return kind(sent, instance=desk.room)


def _owner(desk: Desk) -> Membership | None:
    """None when the owner's account is gone."""
    owner = Membership.objects.filter(room=desk.room, role=Role.OWNER)
    return owner.select_related("participant").first()


def _may_succeed(desk: Desk) -> bool:
    return not desk.standing.owns and may_be_succeeded(desk.room.pk)


def _done(desk: Desk, what: str, forms: dict[str, BaseForm]) -> bool:
    """Whether a form was in order; if not, it stands in `forms` with what is wrong with it."""
    sent = desk.request.POST
    match what:
        case "settings":
            forms[what] = form = _settings_form(desk, sent)
            return form.is_valid() and desk.has_written(form.command, form)
        case "password":
            forms[what] = password = PasswordForm(sent)
            if password.is_valid() and _hashes_too_often(desk):
                password.add_error(None, _("That was too often in a short time."))
            return password.is_valid() and _set(desk, password, password=password.cleaned_data["password"])
        case "close":
            forms[what] = close = CloseForm(desk.room, sent)
            return close.is_valid() and _set(desk, close, closed=True)
        case "no_password":
            return _set(desk, None, password="")
        case "reopen":
            return _set(desk, None, closed=False)
        case "succeed":
            desk.moderate(Act.SUCCEED)
            return True
    return False


def _hashes_too_often(desk: Desk) -> bool:
    """A password takes long to hash, on purpose."""
    return rates.take(Kind.PASSWORD, address_of_request(desk.request), desk.who.key) > 0


def _set(desk: Desk, form: BaseForm | None, **changes: object) -> bool:
    return desk.has_written(Settings(changes), form)


# --- Reports ---


@page_of_moderators
def manage_reports(desk: Desk) -> HttpResponse:
    """Messages that somebody asked the moderators to look at."""
    open_reports = Report.objects.filter(
        message__room=desk.room, message__deleted_at=None, resolved_at=None
    ).select_related("message", "message__author", "reporter")
    form = ReportForm(desk.request.POST)
    if desk.request.method == "POST" and form.is_valid():
        _settle(desk, open_reports.filter(message__sequence=form.cleaned_data["id"]), form.cleaned_data["do"])
        return desk.back_to("manage_reports")
    reports = desk.page_of(open_reports.order_by("pk"), PAGE)
    return desk.page("reports.html", here="manage_reports", reports=reports)


def _settle(desk: Desk, reports: QuerySet[Report], how: str) -> None:
    """All reports of one message at once."""
    report = reports.first()
    if report is None:
        desk.complain(_("Somebody else has settled this."))
        return
    if how == "delete":
        outcome = desk.write(protocol.Delete(uuid4(), report.message.sequence))
        if isinstance(outcome, Refused):
            return
    settled = Report.objects.filter(message=report.message, resolved_at=None)
    settled.update(resolved_at=Now(), resolved_by=desk.participant)
    if how != "delete":
        AuditEntry.of_settled_report(report, desk.participant, desk.who.name).save()
        desk.say(_("The report is settled. The message stays."))


# --- The audit log ---


@page_of_moderators
def manage_log(desk: Desk) -> HttpResponse:
    """Every act in the room, the newest first."""
    entries = desk.page_of(AuditEntry.objects.filter(room=desk.room).order_by("-id"), PAGE)
    lines = [(entry, words_of(entry.act), detail_of(entry.act, entry.detail)) for entry in entries]
    return desk.page("log.html", here="manage_log", entries=entries, lines=lines)
