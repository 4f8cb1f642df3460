"""Routes of the people, and of the rooms above them."""

from django.urls import include, path

from workers import views
from workers.help import urls as help_urls
from workers.proofs import urls as proof_urls

app_name = "workers"

people = [
    path("welcome/", views.welcome, name="welcome"),
    path("me/", views.me, name="me"),
    path("me/withdraw/", views.withdraw, name="withdraw"),
    path("privacy/", views.privacy, name="privacy"),
]

# What somebody in need opens has a short address of its own.
urlpatterns = [
    path("workers/", include(people)),
    path("help/", include(help_urls.urlpatterns)),
    path("proofs/", include(proof_urls.urlpatterns)),
]
