"""Routes of activities, sign-ups and records."""

from django.urls import path

from . import views

app_name = "volunteers"

urlpatterns = [
    path("", views.activities, name="activities"),
    path("activities/<int:pk>/", views.activity, name="activity"),
    path("activities/<int:pk>/cover/<slug:size>.jpg", views.cover, name="cover"),
    path("activities/<int:pk>/pledge/", views.pledge, name="pledge"),
    path("activities/<int:pk>/poster/", views.poster, name="poster"),
    path("activities/<int:pk>/poster.svg", views.poster_code, name="poster-code"),
    path("sessions/<int:pk>/calendar.ics", views.session_calendar, name="session-calendar"),
    path("sessions/<int:pk>/<slug:verb>/", views.act, name="act"),
    path("pairs/<str:code>/", views.pair, name="pair"),
    path("mine/", views.mine, name="mine"),
    path("mine/calendar/", views.feed_change, name="feed-change"),
    path("calendar/<str:token>.ics", views.feed, name="feed"),
]
