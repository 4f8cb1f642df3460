"""Routes of the complaints."""

from django.urls import path

from . import views

app_name = "complaints"

urlpatterns = [
    path("", views.write, name="write"),
    path("receipt/<str:token>/", views.receipt, name="receipt"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<int:pk>/", views.one, name="one"),
]
