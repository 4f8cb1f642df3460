"""Routes of the people."""

from django.urls import path

from workers import views

app_name = "workers"
urlpatterns = [
    path("welcome/", views.welcome, name="welcome"),
    path("me/", views.me, name="me"),
    path("me/withdraw/", views.withdraw, name="withdraw"),
    path("privacy/", views.privacy, name="privacy"),
]
