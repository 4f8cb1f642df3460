"""Routes for telling what is wrong at a station."""

from django.urls import path

from . import views

urlpatterns = [
    path("<slug:slug>/tell/", views.tell, name="tell"),
    path("<slug:slug>/take-back/<int:pk>/", views.take_back, name="take-back"),
    path("<slug:slug>/taps/<int:pk>/<str:size>/", views.tap_photo, name="tap-photo"),
]
