"""The demo's log-ins for the log-in page."""

from django import template

from yuanhang.desk.demo import LOGINS, PASSWORD

register = template.Library()


@register.simple_tag
def demo_logins():
    """Phones with roles, and the password they share."""
    return {"people": LOGINS, "password": PASSWORD}
