"""Reporting, the receipt, the look-up, and entering a report for somebody else."""

from django.urls import path

from . import nearby_views, on_behalf_views, receipts_views, views

urlpatterns = [
    path("report/", views.report, name="report"),
    path("nearby/", nearby_views.nearby, name="nearby"),
    path("nearby/photos/<int:pk>/", nearby_views.nearby_photo, name="nearby-photo"),
    path("new/", on_behalf_views.entry, name="entry"),
    path("lookup/", views.lookup, name="lookup"),
    path("receipts/claim/", receipts_views.claim, name="claim"),
    path("receipt/<token:token>/", views.receipt, name="receipt"),
    path("receipt/<token:token>/<transition:slug>/", views.receipt_move, name="receipt-move"),
]
