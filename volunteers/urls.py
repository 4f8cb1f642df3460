"""Routes of activities, sign-ups and records."""

from django.urls import path

from . import views

app_name = "volunteers"

urlpatterns = [
    path("activities/<int:pk>/", views.activity, name="activity"),
]
