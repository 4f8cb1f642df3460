"""What the tests of confidential requests share."""

from django.test import Client
from django.urls import reverse

from workers.aid import aid
from workers.aid.models import AidDesk, AidNote, AidRequest

SECRET = "绝密词甲"


def client(user):
    made = Client()
    made.force_login(user)
    return made


def text(response):
    return response.content.decode()


def page(user, name, *arguments):
    return client(user).get(reverse(name, args=arguments))


def aid_done(town, moment):
    """A request that was done at `moment`; whether all that was written on it is gone."""
    desk = AidDesk.objects.create(community=town.community, handler=town.staff)
    row = aid.ask(town.rider.worker, text="难处")
    aid.end(row, by=desk.handler, text="好了")
    AidRequest.objects.update(ended_at=moment)
    return lambda: not AidNote.objects.exists()
