"""The pages of the site by their first path segment."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from chat.accounts.log_in_views import admin_log_in
from chat.pages.blocked import blocked
from chat.pages.downloads import thumbnail
from chat.pages.entry import leave
from chat.pages.files import file, promise_file
from chat.pages.invites import invite
from chat.pages.language import language
from chat.pages.qr_code import room_picture
from chat.pages.search import search

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="index")),
    path("chat/", include("chat.urls")),
    path("accounts/", include("chat.accounts.urls")),
    path("manage/", include("chat.manage.urls")),
    path("invite/", invite, name="invite"),
    path("invite/qr.svg", room_picture, name="room_picture"),
    path("files/", promise_file, name="files"),
    path("files/<slug:key>/", file, name="file"),
    path("files/<slug:key>/thumbnail/", thumbnail, name="thumbnail"),
    path("search/", search, name="search"),
    path("leave/", leave, name="leave"),
    path("language/", language, name="language"),
    path("blocked/", blocked, name="blocked"),
    path("admin/login/", admin_log_in),
    path("admin/", admin.site.urls),
]

handler400 = "chat.pages.errors.bad_request"
handler404 = "chat.pages.errors.not_found"
