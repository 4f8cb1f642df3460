"""Road warnings, at an address of their own: it is read aloud and typed."""

from django.urls import path

from . import views

app_name = "roads"

urlpatterns = [
    path("", views.roads, name="roads"),
]
