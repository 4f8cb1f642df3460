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
    path("sessions/<int:pk>/roster/", views.roster, name="roster"),
    path("sessions/<int:pk>/<slug:verb>/", views.act, name="act"),
    path("pairs/<str:code>/", views.pair, name="pair"),
    path("mine/", views.mine, name="mine"),
    path("mine/calendar/", views.feed_change, name="feed-change"),
    path("calendar/<str:token>.ics", views.feed, name="feed"),
    path("searches/<int:pk>/", views.search, name="search"),
    path("searches/<int:pk>/photo/", views.search_photo, name="search-photo"),
    path("teams/", views.team_list, name="teams"),
    path("teams/<int:pk>/", views.team, name="team"),
    path("errands/", views.errands, name="errands"),
    path("errands/<int:pk>/", views.errand, name="errand"),
    path("errands/<int:pk>/<slug:verb>/", views.errand_act, name="errand-act"),
    path("record/", views.record, name="record"),
    path("record/export/", views.export, name="record-export"),
    path("record/certificate/", views.ask_certificate, name="certificate-ask"),
    path("people/<int:pk>/record/", views.person, name="person"),
    path("people/<int:pk>/record/export/", views.person_export, name="person-export"),
    path("people/<int:pk>/hours/", views.person_hours, name="person-hours"),
    path("people/<int:pk>/commend/", views.person_commend, name="person-commend"),
    path("people/<int:pk>/qualification/", views.person_qualification, name="person-paper"),
    path("commendations/<int:pk>/take-back/", views.take_back, name="take-back"),
    path("qualifications/<int:pk>/scan/", views.scan, name="scan"),
    path("records/", views.desk, name="records"),
    path("records/<int:pk>/answer/", views.answer_entry, name="record-answer"),
    path("requests/<int:pk>/answer/", views.answer_request, name="request-answer"),
    path("certificates/<str:number>/", views.certificate, name="certificate"),
    path("certificates/<str:number>/print/", views.certificate_print, name="certificate-print"),
    path("certificates/<str:number>/revoke/", views.certificate_revoke, name="certificate-revoke"),
]
