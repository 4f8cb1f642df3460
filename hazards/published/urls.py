"""Pictures that a reviewer let everybody see."""

from django.urls import path

from . import views

urlpatterns = [
    path("fixed/photos/<int:pk>/", views.fixed_photo, name="fixed-photo"),
    path("<number:number>/photos/<int:pk>/public/", views.photo_public, name="photo-public"),
]
