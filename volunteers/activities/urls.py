"""Activities, signing up, and calendars."""

from django.urls import path

from . import signup_views, views

urlpatterns = [
    path("", views.activity_list, name="activities"),
    path("activities/<int:pk>/", views.activity, name="activity"),
    path("activities/<int:pk>/banner/<slug:size>.jpg", views.banner, name="banner"),
    path("activities/<int:pk>/pledge/", signup_views.pledge, name="pledge"),
    path("activities/<int:pk>/poster/", views.poster, name="poster"),
    path("activities/<int:pk>/poster.svg", views.poster_code, name="poster-code"),
    path("sessions/<int:pk>/calendar.ics", views.session_calendar, name="session-calendar"),
    path("sessions/<int:pk>/<slug:verb>/", signup_views.act, name="act"),
    path("pairs/<str:code>/", signup_views.pair, name="pair"),
    path("mine/", signup_views.mine, name="mine"),
    path("mine/calendar/", signup_views.feed_change, name="feed-change"),
    path("calendar/<str:token>.ics", signup_views.feed, name="feed"),
]
