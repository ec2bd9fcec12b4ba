from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path


def room(request: HttpRequest, room_name: str) -> HttpResponse:
    return render(request, "chat/room.html", {"room_name": room_name})


urlpatterns = [path("chat/<str:room_name>/", room)]
