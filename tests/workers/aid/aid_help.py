"""What the tests of confidential requests share."""

from django.test import Client
from django.urls import reverse

SECRET = "绝密词甲"


def client(user):
    made = Client()
    made.force_login(user)
    return made


def text(response):
    return response.content.decode()


def page(user, name, *arguments):
    return client(user).get(reverse(name, args=arguments))
