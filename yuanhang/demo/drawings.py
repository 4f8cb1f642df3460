"""Pictures for the demo, drawn by our own code: twelve kinds of hazard, before and after.

Coordinates inside painters run from 0 to 1.
"""

from PIL import Image, ImageDraw, ImageFilter

from yuanhang.demo.sheet import Sheet

KINDS = [
    "manhole",
    "fire_lane",
    "charging",
    "street_light",
    "ice",
    "leak",
    "rubbish",
    "traffic",
    "fraud",
    "elder",
    "oil_gas",
    "other",
]


def _street(sheet, horizon=0.0):
    if horizon:
        sheet.sky((186, 202, 214), (226, 226, 220), horizon + 0.02)
    sheet.ground(horizon, (106, 105, 103), (142, 141, 138))
    sheet.speckle([(92, 91, 90), (128, 127, 125), (150, 149, 146)], 900, horizon)


def _manhole(sheet, after):
    _street(sheet)
    sheet.line((168, 166, 160), 0.02, (0.02, 0.1), (0.5, -0.02))
    x, y = 0.5 + sheet.dice.uniform(-0.05, 0.05), 0.55
    sheet.disc((86, 85, 84), x, y, 0.25, 0.23)
    if after:
        sheet.disc((120, 118, 112), x, y, 0.22, 0.2)
        sheet.disc((68, 67, 66), x, y, 0.205, 0.185)
        for i in range(-4, 5):
            half = (1 - (i / 5) ** 2) ** 0.5 * 0.17
            sheet.line((104, 102, 98), 0.013, (x + i * 0.04, y - half), (x + i * 0.04, y + half))
        return
    sheet.disc((24, 24, 25), x, y, 0.21, 0.19)
    sheet.disc((46, 44, 42), x, y + 0.02, 0.17, 0.14)
    sheet.disc((14, 14, 15), x, y + 0.04, 0.16, 0.12)
    tilt = sheet.dice.choice((-1, 1))
    sheet.shadow(x + tilt * 0.17, y + 0.17, 0.22, 0.1)
    cover = Image.new("L", (sheet.width, sheet.height), 0)
    pen = ImageDraw.Draw(cover)
    (x0, y0), (x1, y1) = sheet.points((x - 0.2, y - 0.1), (x + 0.2, y + 0.1))
    pen.ellipse((x0, y0, x1, y1), fill=255)
    cover = cover.rotate(tilt * 24, center=(x * sheet.width, y * sheet.height))
    offset = (int(tilt * 0.12 * sheet.width), int(0.05 * sheet.height))
    sheet.image.paste((52, 51, 50), (offset[0], offset[1] + 12), cover)
    sheet.image.paste((112, 110, 105), offset, cover)
    # The rim: the filter's cost grows with its size squared, so it works on a small copy.
    small = cover.reduce(8).filter(ImageFilter.MinFilter(5)).resize(cover.size)
    sheet.image.paste((88, 86, 82), offset, small)


def _ice(sheet, after):
    sheet.wall((150, 116, 96), (128, 98, 82), 0, 0.42)
    tones = ((178, 180, 182), (158, 160, 163), (140, 142, 146))
    for i, tone in enumerate(tones):
        sheet.box(tone, 0, 0.4 + i * 0.2, 1, 0.22)
        sheet.box(tuple(c - 34 for c in tone), 0, 0.52 + i * 0.2, 1, 0.09)
    if after:
        sheet.speckle([(190, 170, 130), (160, 140, 108)], 260, 0.42)
        sheet.line((196, 60, 40), 0.014, (0.1, 0.35), (0.1, 0.95))
        sheet.line((196, 60, 40), 0.014, (0.1, 0.36), (0.95, 0.3))
        return
    for i in range(3):
        y = 0.4 + i * 0.2
        sheet.box((214, 232, 242), 0.03, y - 0.012, 0.94, 0.125, 0.02)
        for _ in range(7):
            x = sheet.dice.uniform(0.05, 0.85)
            sheet.line((246, 252, 255), 0.006, (x, y + 0.02), (x + 0.09, y + 0.07))
        for n in range(16):
            x = 0.04 + n * 0.06 + sheet.dice.uniform(-0.01, 0.01)
            drop = sheet.dice.uniform(0.03, 0.09)
            sheet.shape(
                (226, 240, 248), (x, y + 0.1), (x + 0.022, y + 0.1), (x + 0.01, y + 0.1 + drop)
            )
    sheet.speckle([(250, 252, 255), (235, 242, 248)], 500, 0.3, 0.004)


def _street_light(sheet, after):
    sheet.sky((38, 46, 74), (178, 122, 98), 0.75)
    sheet.ground(0.74, (42, 42, 50), (70, 66, 72))
    for x, h, w in ((0, 0.24, 0.22), (0.2, 0.34, 0.16), (0.62, 0.28, 0.2), (0.82, 0.38, 0.2)):
        sheet.box((44, 44, 58), x, 0.75 - h, w, h)
        for row in range(4):
            for column in range(3):
                if sheet.dice.random() < 0.45:
                    sheet.box(
                        (232, 190, 120),
                        x + 0.02 + column * 0.05,
                        0.79 - h + row * 0.06,
                        0.022,
                        0.026,
                    )
    sheet.line((28, 29, 34), 0.022, (0.5, 0.98), (0.5, 0.14))
    sheet.line((28, 29, 34), 0.014, (0.5, 0.15), (0.68, 0.12))
    if after:
        glow = Image.new("L", (sheet.width // 4, sheet.height // 4), 0)
        ImageDraw.Draw(glow).polygon(
            [
                (v[0] / 4, v[1] / 4)
                for v in sheet.points((0.66, 0.13), (0.74, 0.13), (0.98, 1), (0.42, 1))
            ],
            fill=120,
        )
        glow = glow.filter(ImageFilter.GaussianBlur(16)).resize((sheet.width, sheet.height))
        sheet.image.paste((255, 226, 160), (0, 0), glow)
        sheet.disc((255, 244, 210), 0.7, 0.13, 0.04, 0.022)
    else:
        sheet.disc((64, 66, 74), 0.7, 0.13, 0.045, 0.024)
        sheet.cable((20, 20, 24), 0.005, (0.5, 0.2), (0.62, 0.5), 0.12)
        sheet.cable((20, 20, 24), 0.005, (0.5, 0.22), (0.44, 0.42), 0.06)


def _building(sheet, tone=(196, 176, 148)):
    sheet.sky((176, 198, 214), (220, 224, 222), 0.2)
    sheet.box(tone, 0, 0.06, 1, 0.76)
    for row in range(3):
        for column in range(5):
            x, y = 0.05 + column * 0.19, 0.11 + row * 0.22
            sheet.box((236, 232, 224), x - 0.008, y - 0.008, 0.136, 0.136)
            sheet.box((84, 104, 118), x, y, 0.12, 0.12)
            sheet.line((236, 232, 224), 0.006, (x + 0.06, y), (x + 0.06, y + 0.12))
    sheet.ground(0.8, (118, 116, 112), (150, 148, 143))
    sheet.speckle([(104, 103, 100), (140, 138, 134)], 260, 0.8)


def _bike(sheet, x, y, colour):
    for dx in (0, 0.15):
        sheet.disc((34, 34, 36), x + dx, y, 0.042)
        sheet.disc((150, 150, 150), x + dx, y, 0.02)
    sheet.shape(
        colour,
        (x - 0.02, y - 0.05),
        (x + 0.1, y - 0.05),
        (x + 0.13, y - 0.14),
        (x + 0.16, y - 0.03),
        (x + 0.02, y - 0.01),
    )
    sheet.box((40, 40, 44), x - 0.03, y - 0.1, 0.09, 0.03, 0.3)
    sheet.line((50, 50, 54), 0.008, (x + 0.13, y - 0.12), (x + 0.12, y - 0.2), (x + 0.16, y - 0.21))


def _charging(sheet, after):
    _building(sheet)
    for i in range(3):
        sheet.shadow(0.24 + i * 0.24, 0.95, 0.13, 0.02)
        _bike(sheet, 0.17 + i * 0.24, 0.9, ((176, 58, 44), (52, 92, 140), (230, 178, 60))[i])
    if after:
        sheet.box((226, 226, 222), 0.86, 0.58, 0.1, 0.24, 0.08)
        sheet.box((40, 140, 90), 0.88, 0.62, 0.06, 0.05, 0.1)
        return
    for i in range(3):
        sheet.cable((22, 22, 24), 0.006, (0.3 + i * 0.19, 0.24), (0.21 + i * 0.24, 0.8), 0.06)
    sheet.box((240, 240, 238), 0.18, 0.77, 0.09, 0.03, 0.2)


def _fire_lane(sheet, after):
    sheet.wall((172, 150, 130), (148, 128, 112), 0, 0.72)
    sheet.ground(0.72, (120, 118, 114), (148, 146, 141))
    sheet.box((70, 74, 80), 0.32, 0.16, 0.36, 0.56)
    sheet.box((106, 34, 30), 0.345, 0.19, 0.31, 0.53)
    sheet.box((220, 60, 46), 0.4, 0.03, 0.2, 0.09, 0.08)
    sheet.box((255, 255, 255), 0.43, 0.06, 0.14, 0.03)
    for x in (0.16, 0.84):
        sheet.line((232, 196, 70), 0.016, (x, 0.74), (x + (0.5 - x) * -0.2, 1))
    if after:
        for i in range(5):
            sheet.line((232, 196, 70), 0.012, (0.24 + i * 0.11, 0.78), (0.2 + i * 0.13, 0.97))
        return
    sheet.shadow(0.5, 0.9, 0.38, 0.07)
    sheet.box((122, 92, 66), 0.2, 0.62, 0.36, 0.16, 0.1)
    sheet.box((142, 108, 78), 0.18, 0.7, 0.4, 0.16, 0.1)
    for x, y, s in ((0.56, 0.6, 0.2), (0.62, 0.46, 0.15), (0.7, 0.68, 0.16)):
        sheet.box((186, 148, 102), x, y, s, s * 1.2)
        sheet.line((214, 184, 140), 0.012, (x, y + s * 0.6), (x + s, y + s * 0.6))
        sheet.line((150, 116, 78), 0.004, (x + s / 2, y), (x + s / 2, y + s * 1.2))


def _leak(sheet, after):
    _street(sheet, 0.28)
    sheet.box((164, 160, 152), 0, 0.24, 1, 0.07)
    sheet.line((122, 70, 54), 0.06, (0, 0.4), (0.62, 0.4))
    sheet.line((152, 92, 70), 0.016, (0, 0.382), (0.62, 0.382))
    sheet.box((96, 54, 42), 0.58, 0.34, 0.05, 0.12)
    if after:
        sheet.line((122, 70, 54), 0.06, (0.6, 0.4), (1, 0.4))
        sheet.box((190, 194, 198), 0.5, 0.335, 0.2, 0.13, 0.1)
        for x in (0.53, 0.6, 0.67):
            sheet.disc((110, 112, 116), x, 0.4, 0.012)
        return
    sheet.disc((120, 150, 166), 0.62, 0.78, 0.4, 0.19)
    sheet.disc((150, 178, 190), 0.6, 0.76, 0.33, 0.13)
    sheet.disc((196, 214, 220), 0.54, 0.72, 0.14, 0.04)
    for _ in range(34):
        spread = sheet.dice.uniform(-0.05, 0.2)
        sheet.line(
            (214, 232, 240), 0.006, (0.63, 0.42), (0.66 + spread * 0.5, 0.52), (0.66 + spread, 0.72)
        )


def _rubbish(sheet, after):
    sheet.wall((168, 166, 160), (150, 148, 142), 0, 0.55)
    sheet.ground(0.55, (112, 110, 106), (142, 140, 135))
    for i, colour in enumerate(((52, 112, 78), (58, 92, 138), (96, 96, 100))):
        x = 0.12 + i * 0.27
        sheet.shadow(x + 0.1, 0.83, 0.14, 0.04)
        sheet.shape(colour, (x, 0.4), (x + 0.2, 0.4), (x + 0.18, 0.82), (x + 0.02, 0.82))
        lid = 0.34 if not after else 0.37
        sheet.box(tuple(c + 24 for c in colour), x - 0.012, lid, 0.224, 0.05, 0.1)
    if after:
        return
    colours = [(34, 34, 38), (60, 60, 66), (222, 222, 216), (190, 150, 96), (160, 60, 50)]
    for _ in range(26):
        x, y, r = (
            sheet.dice.uniform(0.05, 0.95),
            sheet.dice.uniform(0.74, 0.93),
            sheet.dice.uniform(0.03, 0.075),
        )
        sheet.disc(sheet.dice.choice(colours), x, y, r, r * 1.05)
    for x in (0.18, 0.48, 0.7):
        sheet.disc((40, 40, 44), x, 0.33, 0.06, 0.06)


def _traffic(sheet, after):
    _street(sheet, 0.34)
    for x, h in ((0.0, 0.14), (0.16, 0.2), (0.36, 0.1), (0.58, 0.18), (0.8, 0.13)):
        sheet.box((176, 178, 180), x, 0.35 - h, 0.17, h)
    for i in range(6):
        x = 0.08 + i * 0.15
        sheet.shape(
            (226, 224, 216), (x + 0.05, 0.62), (x + 0.13, 0.62), (x + 0.09, 0.98), (x - 0.03, 0.98)
        )
    fallen = () if after else (2, 3)
    for i in range(6):
        x = 0.02 + i * 0.165
        if i in fallen:
            sheet.shadow(x + 0.1, 0.62, 0.12, 0.03)
            sheet.shape(
                (232, 234, 236), (x, 0.56), (x + 0.17, 0.6), (x + 0.18, 0.66), (x + 0.01, 0.62)
            )
            sheet.line((150, 152, 156), 0.005, (x + 0.02, 0.59), (x + 0.17, 0.63))
            continue
        for y in (0.38, 0.46):
            sheet.box((240, 241, 242), x, y, 0.16, 0.018)
        for n in range(6):
            sheet.box((240, 241, 242), x + n * 0.03, 0.38, 0.008, 0.13)


def _parcel(sheet, x, y, s):
    sheet.shadow(x + s / 2, y + s * 0.86, s * 0.65, 0.05)
    sheet.box((192, 150, 100), x, y, s, s * 0.8)
    sheet.box((214, 178, 128), x, y + s * 0.3, s, s * 0.14)
    sheet.box((246, 244, 238), x + s * 0.56, y + s * 0.08, s * 0.36, s * 0.2)
    for i in range(3):
        sheet.line(
            (120, 120, 122),
            0.003,
            (x + s * 0.6, y + s * (0.13 + i * 0.05)),
            (x + s * 0.86, y + s * (0.13 + i * 0.05)),
        )


def _fraud(sheet, after):
    sheet.sky((206, 196, 178), (188, 176, 156))
    sheet.ground(0.62, (128, 94, 68), (156, 120, 90))
    sheet.box((112, 80, 60), 0.08, 0.08, 0.32, 0.56)
    sheet.disc((208, 176, 92), 0.37, 0.38, 0.014)
    _parcel(sheet, 0.5, 0.46, 0.34)
    if after:
        sheet.box((38, 92, 160), 0.52, 0.1, 0.3, 0.24, 0.06)
        for i in range(4):
            sheet.line(
                (236, 242, 250),
                0.008,
                (0.56, 0.15 + i * 0.045),
                (0.78 - i % 2 * 0.06, 0.15 + i * 0.045),
            )
    else:
        sheet.box((250, 244, 214), 0.56, 0.12, 0.24, 0.2)
        sheet.box((206, 60, 44), 0.58, 0.15, 0.2, 0.06)
        for i in range(2):
            sheet.line((150, 140, 120), 0.006, (0.59, 0.25 + i * 0.035), (0.76, 0.25 + i * 0.035))


def _elder(sheet, after):
    sheet.sky((214, 206, 188), (196, 186, 166))
    sheet.ground(0.78, (134, 128, 118), (158, 152, 142))
    sheet.box((118, 44, 38), 0.3, 0.1, 0.36, 0.69)
    for x in (0.34, 0.5):
        for y in (0.16, 0.46):
            sheet.box((134, 56, 48), x, y, 0.12, 0.24)
    sheet.box((214, 60, 44), 0.4, 0.2, 0.16, 0.2)
    sheet.disc((222, 190, 96), 0.62, 0.46, 0.014)
    sheet.line((120, 84, 52), 0.014, (0.78, 0.82), (0.78, 0.42), (0.83, 0.4))
    if after:
        sheet.shadow(0.2, 0.86, 0.12, 0.03)
        sheet.box((250, 250, 248), 0.1, 0.62, 0.2, 0.22, 0.1)
        sheet.box((206, 50, 44), 0.185, 0.66, 0.03, 0.13)
        sheet.box((206, 50, 44), 0.145, 0.71, 0.11, 0.035)
    else:
        for i in range(3):
            sheet.disc((196, 196, 190), 0.12 + i * 0.06, 0.84 - i % 2 * 0.02, 0.035, 0.025)
        sheet.box((238, 234, 222), 0.36, 0.5, 0.1, 0.06)


def _oil_gas(sheet, after):
    sheet.sky((150, 180, 206), (228, 222, 204), 0.66)
    sheet.ground(0.64, (152, 132, 96), (190, 172, 130))
    sheet.speckle([(130, 112, 80), (206, 190, 150)], 300, 0.66)
    steel = (190, 78, 44)
    sheet.shape(
        steel,
        (0.44, 0.82),
        (0.52, 0.36),
        (0.56, 0.36),
        (0.64, 0.82),
        (0.6, 0.82),
        (0.54, 0.46),
        (0.48, 0.82),
    )
    sheet.line(steel, 0.026, (0.22, 0.42), (0.84, 0.3))
    sheet.shape(steel, (0.16, 0.34), (0.24, 0.36), (0.25, 0.48), (0.19, 0.58), (0.15, 0.46))
    sheet.box((60, 62, 66), 0.74, 0.52, 0.16, 0.16, 0.06)
    sheet.line((60, 62, 66), 0.01, (0.2, 0.54), (0.2, 0.82))
    sheet.box((70, 70, 74), 0.14, 0.82, 0.76, 0.05)
    for i in range(11):
        x = 0.02 + i * 0.1
        if after or i not in (4, 5):
            sheet.line((226, 226, 220), 0.008, (x, 0.78), (x, 0.98))
            sheet.line((226, 226, 220), 0.005, (x, 0.84), (x + 0.1, 0.84))
    if not after:
        sheet.disc((30, 26, 22), 0.46, 0.93, 0.17, 0.05)
        sheet.disc((58, 50, 44), 0.43, 0.92, 0.06, 0.014)


def _other(sheet, after):
    sheet.sky((168, 192, 208), (216, 220, 216), 0.7)
    sheet.ground(0.7, (116, 114, 110), (150, 148, 143))
    sheet.line((88, 70, 56), 0.06, (0.3, 0.98), (0.32, 0.3))
    for _ in range(60):
        x, y = sheet.dice.gauss(0.33, 0.14), sheet.dice.gauss(0.22, 0.1)
        sheet.disc(sheet.dice.choice([(92, 108, 74), (112, 126, 84), (76, 94, 66)]), x, y, 0.05)
    if not after:
        sheet.line((96, 76, 60), 0.026, (0.34, 0.42), (0.56, 0.56), (0.78, 0.8))
        for _ in range(36):
            x, y = sheet.dice.uniform(0.58, 0.9), sheet.dice.uniform(0.6, 0.86)
            sheet.disc(sheet.dice.choice([(112, 104, 66), (132, 118, 72)]), x, y, 0.026)
    else:
        sheet.disc((214, 186, 146), 0.345, 0.44, 0.024, 0.03)


PAINTERS = {
    "manhole": _manhole,
    "fire_lane": _fire_lane,
    "charging": _charging,
    "street_light": _street_light,
    "ice": _ice,
    "leak": _leak,
    "rubbish": _rubbish,
    "traffic": _traffic,
    "fraud": _fraud,
    "elder": _elder,
    "oil_gas": _oil_gas,
    "other": _other,
}


def draw_hazard(kind, seed, stage="before", size=(960, 720)):
    """A demo photo of a hazard as JPEG bytes; `stage` is "before" or "after" the repair."""
    sheet = Sheet(size, f"{kind}{seed}")
    PAINTERS[kind](sheet, stage == "after")
    return sheet.finish()
