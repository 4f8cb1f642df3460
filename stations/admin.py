"""Lets Django find what the rooms register in the admin."""

import stations.areas.admin
import stations.estates.admin
import stations.houses.admin
import stations.pages.admin
import stations.postings.admin
import stations.robots.admin
import stations.streets.admin  # noqa: F401
