"""Routes of the floor."""

from django.urls import path

from . import views

app_name = "core"
urlpatterns = [
    path("notices/", views.inbox, name="inbox"),
    path("notices/read-all/", views.read_all, name="read-all"),
    path("notices/<int:pk>/", views.open_notice, name="notice"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
