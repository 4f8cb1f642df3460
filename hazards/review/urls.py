"""The queue and its export."""

from django.urls import path

from . import export_views, views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/export/", export_views.export, name="export"),
]
