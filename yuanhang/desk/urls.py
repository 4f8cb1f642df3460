"""Routes of the roof."""

from django.urls import path

from yuanhang.desk import views

urlpatterns = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
]
