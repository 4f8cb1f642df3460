"""The unit's page, at an address of its own: short enough for a chat and for a sheet of paper."""

from django.urls import path

from . import foreman_views as views

app_name = "slips"

urlpatterns = [
    path("<slug:key>/", views.slip, name="slip"),
    path("<slug:key>/photos/<int:pk>/", views.photo, name="photo"),
    path("<slug:key>/<slug:slug>/", views.deed, name="deed"),
]
