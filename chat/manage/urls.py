"""The pages under /manage/: what the owner and the moderators of a room need."""

from django.urls import re_path

from .invite_views import invite_picture, manage_invites
from .people_views import manage_people
from .views import manage, manage_log, manage_reports

# Anything but a slash: what is no room's name gets a page that says why.
ROOM = r"^(?P<room_name>[^/]*)"

urlpatterns = [
    re_path(rf"{ROOM}/\Z", manage, name="manage"),
    re_path(rf"{ROOM}/people/\Z", manage_people, name="manage_people"),
    re_path(rf"{ROOM}/invites/\Z", manage_invites, name="manage_invites"),
    re_path(rf"{ROOM}/invites/qr\.svg\Z", invite_picture, name="invite_picture"),
    re_path(rf"{ROOM}/reports/\Z", manage_reports, name="manage_reports"),
    re_path(rf"{ROOM}/log/\Z", manage_log, name="manage_log"),
]
