"""The page of those whom one has blocked."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from .. import protocol
from ..access.client_address import address_of_request
from ..access.identity import identify
from ..access.rate_limits import Kind, rates
from ..journal.service import write
from ..journal.types import WriteRequest
from ..models import Block, Participant
from .errors import too_fast


@require_http_methods(["GET", "HEAD", "POST"])
def blocked(request: HttpRequest) -> HttpResponse:
    """Whom a guest or an account has blocked, by name; a POST reads one of them (`id`) again."""
    who = identify(request)
    blocks = Block.objects.filter(participant__key=who.key)
    if request.method == "POST":
        if wait := rates.take(Kind.ACT, address_of_request(request), who.key):
            return too_fast(request, wait)
        key = request.POST.get("id", "").replace("\0", "")
        if blocks.filter(blocked_key=key).exists():
            write([WriteRequest("", "", who, protocol.Block(uuid4(), key, on=False))])
        return redirect("blocked")
    keys = list(blocks.order_by("pk").values_list("blocked_key", flat=True))
    names = dict(Participant.objects.filter(key__in=keys).values_list("key", "name"))
    return render(request, "chat/blocked.html", {"people": [(key, names.get(key)) for key in keys]})
