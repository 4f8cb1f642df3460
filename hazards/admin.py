"""Lets Django find what the rooms register in the admin."""

import hazards.cases.admin
import hazards.catalogue.admin
import hazards.deadlines.admin
import hazards.roads.admin  # noqa: F401
