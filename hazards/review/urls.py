"""The queue, its cases and its export."""

from django.urls import path

from . import case_views, export_views, together_views, views

urlpatterns = [
    path("queue/", views.queue, name="queue"),
    path("queue/export/", export_views.export, name="export"),
    path("queue/find/", views.find, name="queue-find"),
    path("queue/together/", together_views.together, name="together"),
    path("queue/<number:number>/", case_views.queue_case, name="queue-case"),
    path("queue/<number:number>/<transition:slug>/", case_views.queue_move, name="queue-move"),
]
