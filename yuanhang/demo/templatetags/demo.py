"""The demo's log-ins for the log-in page."""

from django import template

from yuanhang.demo.log_ins import LOGINS, PASSWORD

register = template.Library()


@register.simple_tag
def demo_logins():
    """Phones with roles, and the password they share."""
    return {"people": LOGINS, "password": PASSWORD}
