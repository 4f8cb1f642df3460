"""Request in, response out."""

from .case import case, mine, move
from .entry import entry
from .files import photo, receipt_photo, receipt_voice, voice
from .handover import export, handover
from .map import map_data, map_ground, map_page
from .nearby import nearby, nearby_photo
from .passing import around, seen
from .public import fixed, fixed_photo, photo_public
from .queue import queue
from .report import lookup, receipt, receipt_move, report

__all__ = [
    "around",
    "case",
    "entry",
    "export",
    "fixed",
    "fixed_photo",
    "handover",
    "lookup",
    "map_data",
    "map_ground",
    "map_page",
    "mine",
    "move",
    "nearby",
    "nearby_photo",
    "photo",
    "photo_public",
    "queue",
    "receipt",
    "receipt_move",
    "receipt_photo",
    "receipt_voice",
    "report",
    "seen",
    "voice",
]
