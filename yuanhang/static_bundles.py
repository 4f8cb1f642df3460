"""What pages load as one file: its name, and the files of static/ it is made of, in this order."""

STATIC_BUNDLES = {
    "css/site.css": [
        "css/tokens.css",
        "css/base.css",
        "css/parts/frame.css",
        "css/parts/buttons.css",
        "css/parts/seals.css",
        "css/parts/cards.css",
        "css/parts/forms.css",
        "css/pages/home.css",
    ],
    "css/hazards.css": [
        "css/parts/media.css",
        "css/parts/ground.css",
        "css/pages/report.css",
        "css/pages/report-place.css",
        "css/pages/report-waiting.css",
        "css/pages/case.css",
    ],
    # What only those who review need: a rider does not pay for it.
    "css/review.css": [
        "css/pages/staff-case.css",
        "css/pages/queue-list.css",
        "css/pages/queue.css",
    ],
    "js/place-map.js": ["js/map/streets.js", "js/map/small.js"],
    "js/pin.js": ["js/map/pin.js"],
    "js/media.js": [
        "js/photos.js",
        "js/media/player.js",
        "js/media/recorder.js",
        "js/media/shots.js",
        "js/media/tools.js",
    ],
    # The same kept sending for other forms, without what only a hazard has.
    "js/kept-form.js": [
        "js/map/pin-later.js",
        "js/report/drafts.js",
        "js/report/media.js",
        "js/report/place.js",
        "js/report/waiting.js",
        "js/report/form.js",
    ],
    "js/report.js": [
        "js/map/pin-later.js",
        "js/report/drafts.js",
        "js/report/media.js",
        "js/report/place.js",
        "js/report/waiting.js",
        "js/report/nearby.js",
        "js/report/place-asked.js",
        "js/report/kind.js",
        "js/report/form.js",
    ],
}
