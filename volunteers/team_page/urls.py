"""Teams."""

from django.urls import path

from . import views

urlpatterns = [
    path("teams/", views.team_list, name="teams"),
    path("teams/<int:pk>/", views.team, name="team"),
]
