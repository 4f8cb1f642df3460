"""Routes of the stations."""

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/", views.station, name="station"),
    path("<slug:slug>/poster/", views.poster, name="poster"),
    path("<slug:slug>/poster.svg", views.poster_code, name="poster-code"),
]
