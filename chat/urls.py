"""Under /chat/ are rooms only."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("", views.index, name="index"),
    re_path(r"^(?P<room_name>[^/]+)/(?P<sequence>[0-9]{1,18})/\Z", views.room, name="room"),
    # Everything up to the last slash, newlines too: what is no room's name gets a page that says why.
    re_path(r"^(?P<room_name>(?s:.*))/\Z", views.room, name="room"),
]
