"""The page on which a visitor chooses a language, remembered in a cookie."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods
from django.views.i18n import set_language


@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    """A POST leads back to `next`, which is a path of this site, or else to the rooms."""
    if request.method == "POST":
        return set_language(request)
    return render(request, "chat/language.html", {"next": request.GET.get("next", "")})
