"""The case, its transitions, its files, and the list of one's own."""

from django.urls import path

from . import compare_views, file_views, gist_views, reporter_views, views

urlpatterns = [
    path("mine/", views.mine, name="mine"),
    path(
        "receipt/<token:token>/photos/<int:pk>/<size:size>/",
        file_views.receipt_photo,
        name="receipt-photo",
    ),
    path("receipt/<token:token>/voices/<int:pk>/", file_views.receipt_voice, name="receipt-voice"),
    path("<number:number>/", views.case, name="case"),
    path("<number:number>/correct/", views.correct, name="correct"),
    path("<number:number>/reporter/", reporter_views.reveal, name="reporter"),
    path("<number:number>/compare/<number:other>/", compare_views.compare, name="compare"),
    path("<number:number>/voices/<int:pk>/gist/", gist_views.transcribe, name="transcribe"),
    path("<number:number>/<transition:slug>/", views.move, name="move"),
    path("<number:number>/photos/<int:pk>/<size:size>/", file_views.photo, name="photo"),
    path("<number:number>/voices/<int:pk>/", file_views.voice, name="voice"),
]
