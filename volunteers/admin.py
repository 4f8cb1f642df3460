"""Lets Django find what the rooms register in the admin."""

import volunteers.activities.admin
import volunteers.errands.admin
import volunteers.record.admin
import volunteers.searches.admin
import volunteers.skills.admin
import volunteers.teams.admin  # noqa: F401
