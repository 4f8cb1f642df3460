"""Routes of asking for help."""

from django.urls import path

from workers.help import file_views, keeper_views, views

urlpatterns = [
    path("", views.ask, name="help"),
    path("near/", keeper_views.near, name="help-near"),
    path("open/", keeper_views.open_list, name="help-open"),
    path("receipt/<slug:token>/", views.receipt, name="help-receipt"),
    path("receipt/<slug:token>/<slug:verb>/", views.receipt_act, name="help-receipt-act"),
    path(
        "receipt/<slug:token>/photos/<int:pk>/<slug:size>/",
        file_views.receipt_photo,
        name="help-receipt-photo",
    ),
    path(
        "receipt/<slug:token>/voices/<int:pk>/",
        file_views.receipt_voice,
        name="help-receipt-voice",
    ),
    path("<int:number>/", views.request_page, name="help-request"),
    path("<int:number>/<slug:verb>/", views.act, name="help-act"),
    path("<int:number>/photos/<int:pk>/<slug:size>/", file_views.photo, name="help-photo"),
    path("<int:number>/voices/<int:pk>/", file_views.voice, name="help-voice"),
]
