"""The site's pages: rooms under /chat/, the admin under /admin/."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="index")),
    path("chat/", include("chat.urls")),
    path("admin/", admin.site.urls),
]

handler404 = "chat.views.not_found"
