"""Pictures that a reviewer let everybody see."""

from django.urls import path

from . import views

urlpatterns = [
    path("fixed/photos/<int:pk>/", views.fixed_photo, name="fixed-photo"),
    path(
        "fixed/photos/<int:pk>/small/",
        views.fixed_photo,
        {"is_small": True},
        name="fixed-photo-small",
    ),
    path("<number:number>/photos/<int:pk>/public/", views.photo_public, name="photo-public"),
]
