"""Routes of activities, sign-ups and records."""

from django.urls import path

from . import views

app_name = "volunteers"

urlpatterns = [
    path("activities/<int:pk>/", views.activity, name="activity"),
    path("teams/", views.team_list, name="teams"),
    path("teams/<int:pk>/", views.team, name="team"),
]
