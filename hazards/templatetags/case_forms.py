"""Forms that stand within a list on a case's page."""

from django import template

from hazards.case_page import gist_forms

register = template.Library()
register.simple_tag(gist_forms.gist_form)
