"""The staff desk: figures, the demo and the one-command start. No models."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The roof's own pages and commands."""

    name = "yuanhang.desk"
    label = "desk"
