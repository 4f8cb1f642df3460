"""Test media made in memory: photos and sounds, good ones and bad ones, as bytes.

Everything is generated here, so that no binary file lies in the repository and a test can ask
for exactly the picture or sound its story needs. Costly ones are made once per process.
"""

import io
import math
import struct
import zlib
from array import array
from functools import lru_cache

import av
import pillow_heif
from PIL import Image, ImageDraw, ImageFilter

ORIENTATION, GPS_IFD = 0x0112, 0x8825
# What the privacy tests look for in the stored bytes.
SECRET_WORDS = b"SECRET-WORDS"
SECRET_MAKER = "SecretPhone"


# --- pictures -------------------------------------------------------------------------------


def picture(width=800, height=600, colour=(150, 140, 120)):
    """A Pillow image: soft bands with a red top left and a blue bottom right corner.

    The corners tell the tests which way up the picture is; the bands give codecs work.
    """
    image = Image.new("RGB", (width, height), colour)
    if width >= 40 and height >= 40:
        draw = ImageDraw.Draw(image)
        for step in range(16):
            shade = tuple(min(255, part + step * 4) for part in colour)
            draw.rectangle((0, height * step // 16, width, height), fill=shade)
        draw.rectangle((0, 0, width // 4, height // 4), fill=(220, 20, 20))
        draw.rectangle((width * 3 // 4, height * 3 // 4, width, height), fill=(20, 20, 220))
    return image


def exif(orientation=None, gps=False, maker=SECRET_MAKER):
    """Real EXIF bytes with a maker, optionally an orientation and a position."""
    tags = Image.Exif()
    tags[0x010F] = maker
    if orientation is not None:
        tags[ORIENTATION] = orientation
    if gps:
        position = tags.get_ifd(GPS_IFD)
        position[1], position[2] = "N", (46.0, 32.0, 42.0)
        position[3], position[4] = "E", (124.0, 56.0, 42.0)
    return tags.tobytes()


def _saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@lru_cache(maxsize=64)
def jpeg(
    width=800,
    height=600,
    colour=(150, 140, 120),
    orientation=None,
    gps=False,
    quality=80,
    progressive=False,
    mode="RGB",
    comment=b"",
):
    """A JPEG photo. `orientation` is the EXIF value 1 to 8, `gps` adds a real GPS block."""
    options = {"quality": quality, "progressive": progressive}
    if orientation is not None or gps:
        options["exif"] = exif(orientation, gps)
    if comment:
        options["comment"] = comment
    image = picture(width, height, colour)
    return _saved(image if mode == "RGB" else image.convert(mode), "JPEG", **options)


@lru_cache(maxsize=32)
def png(width=800, height=600, colour=(150, 140, 120), mode="RGB"):
    """A PNG picture in any Pillow mode; "RGBA" is half transparent in its lower half."""
    if mode == "RGBA":
        image = picture(width, height, colour).convert("RGBA")
        image.paste((0, 0, 0, 0), (0, height // 2, width, height))
    else:
        image = picture(width, height, colour).convert(mode)
    return _saved(image, "PNG")


@lru_cache(maxsize=16)
def webp(width=800, height=600, colour=(150, 140, 120), lossless=False, gps=False):
    """A still WebP picture."""
    options = {"exif": exif(gps=True)} if gps else {}
    return _saved(picture(width, height, colour), "WEBP", lossless=lossless, method=0, **options)


@lru_cache(maxsize=8)
def heic(width=640, height=480, colour=(150, 140, 120), gps=False):
    """A HEIC photo as recent phones write it."""
    out = io.BytesIO()
    file = pillow_heif.from_pillow(picture(width, height, colour))
    options = {"exif": exif(orientation=6, gps=gps)} if gps else {}
    file.save(out, quality=60, **options)
    return out.getvalue()


def gif():
    """A GIF of one frame."""
    return _saved(picture(64, 64), "GIF")


def _frames():
    return [picture(64, 64, (part, 100, 100)) for part in (50, 120, 200)]


def gif_animated():
    """A GIF of three frames."""
    first, *rest = _frames()
    return _saved(first, "GIF", save_all=True, append_images=rest)


def png_animated():
    """An APNG of three frames, still called .png by every program."""
    first, *rest = _frames()
    return _saved(first, "PNG", save_all=True, append_images=rest)


def webp_animated():
    """A WebP of three frames."""
    first, *rest = _frames()
    return _saved(first, "WEBP", save_all=True, append_images=rest)


def tiff():
    """A TIFF picture."""
    return _saved(picture(64, 64), "TIFF")


def pdf():
    """The beginning and end of a PDF."""
    return b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def svg():
    """An SVG with a script, which a browser would run."""
    return (
        b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
        b"<script>alert(1)</script></svg>"
    )


def text_as_jpg():
    """Plain text that somebody named photo.jpg."""
    return "这不是照片，只是文字。\n".encode() * 40


def html_behind_jpeg_magic():
    """A page that starts like a JPEG to fool a check of the first bytes."""
    return b"\xff\xd8\xff\xe0" + b"<html><script>alert(1)</script></html>" * 20


def truncated_jpeg(width=800, height=600):
    """A JPEG whose upload broke off in the middle."""
    whole = jpeg(width, height)
    return whole[: len(whole) // 2]


def truncated(data, share=0.5):
    """The first part of any file."""
    return data[: int(len(data) * share)]


def big_jpeg_file(size=30 * 1024 * 1024 + 1):
    """A valid JPEG padded with trailing bytes to exactly `size` bytes."""
    return jpeg().ljust(size, b"\0")


def _png_chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


@lru_cache(maxsize=8)
def huge_png(megapixels=200):
    """A valid grey PNG of so many million black pixels in a few hundred KB.

    Written row by row, so that making the bomb does not take the memory it would cost to open.
    """
    width = 10_000
    height = megapixels * 1_000_000 // width
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    packed = b"".join(packer.compress(row) for _row in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _png_chunk(b"IHDR", header)
        + _png_chunk(b"IDAT", packed)
        + _png_chunk(b"IEND", b"")
    )


@lru_cache(maxsize=4)
def huge_jpeg(width=8160, height=6144, progressive=False):
    """A real JPEG of 50 megapixels (the default), as a phone's high-resolution mode writes it."""
    image = Image.linear_gradient("L").resize((width, height))
    return _saved(image, "JPEG", quality=30, progressive=progressive)


@lru_cache(maxsize=2)
def phone_photo(width=4000, height=3000):
    """A JPEG of 12 megapixels with enough detail to weigh what a phone's photo weighs (3 MB)."""
    noise = Image.effect_noise((width // 4, height // 4), 40).resize((width, height))
    image = Image.merge("RGB", (noise, noise.filter(ImageFilter.BoxBlur(2)), noise))
    return _saved(image, "JPEG", quality=90, exif=exif(orientation=6, gps=True))


# --- sounds ---------------------------------------------------------------------------------

RATE = 48_000


def _samples(seconds, rate):
    """A tone of 220 Hz that swells twice a second, as 16-bit samples."""
    turn = 2 * math.pi / rate
    second = array(
        "h",
        (int(9000 * math.sin(220 * turn * i) * abs(math.sin(turn * i))) for i in range(rate)),
    )
    whole, rest = divmod(int(seconds * rate), rate)
    return second * whole + second[:rest]


def _add_frames(out, stream, samples, rate):
    """Send 16-bit mono samples through the encoder of `stream`, then end it."""
    if not stream.codec_context.is_open:
        stream.codec_context.open()
    resampler = av.AudioResampler(
        format=stream.codec_context.format or "s16",
        layout="mono",
        rate=stream.codec_context.sample_rate,
        frame_size=stream.codec_context.frame_size or 1024,
    )
    step = rate // 10
    frames = []
    for start in range(0, len(samples), step):
        part = samples[start : start + step]
        frame = av.AudioFrame(format="s16", layout="mono", samples=len(part))
        frame.planes[0].update(part.tobytes())
        frame.sample_rate, frame.pts = rate, start
        frames += resampler.resample(frame)
    frames += resampler.resample(None)
    for frame in frames:
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


@lru_cache(maxsize=48)
def sound(container, codec, seconds=2.0, rate=RATE, title="", seekable=True):
    """`seconds` of a tone in the named container and codec, with a title tag if asked.

    With `seekable` off the muxer cannot go back, like a browser's recorder: the file then
    does not say how long it is.
    """
    target = io.BytesIO()
    file = target if seekable else _Pipe(target)
    with av.open(file, "w", format=container) as out:
        if title:
            out.metadata["title"] = title
        stream = out.add_stream(codec, rate=rate, layout="mono")
        _add_frames(out, stream, _samples(seconds, rate), rate)
    return target.getvalue()


class _Pipe:
    """A file that can only be written forwards."""

    def __init__(self, target):
        self.write = target.write


def wav(seconds=2.0, rate=16_000):
    """Uncompressed 16-bit mono."""
    return sound("wav", "pcm_s16le", seconds, rate)


def webm(seconds=2.0, told=True):
    """Opus in WebM; with `told` off without a duration, as MediaRecorder in Chrome writes it."""
    return sound("webm", "libopus", seconds, seekable=told)


def ogg(seconds=2.0):
    """Opus in Ogg, as MediaRecorder in Firefox writes it."""
    return sound("ogg", "libopus", seconds)


def m4a(seconds=2.0, title=""):
    """AAC in MP4, as iPhones record it."""
    return sound("mp4", "aac", seconds, title=title)


def aac(seconds=2.0):
    """Bare AAC frames (ADTS)."""
    return sound("adts", "aac", seconds)


def mp3(seconds=2.0, title=""):
    """MP3, with an ID3 tag when titled."""
    return sound("mp3", "libmp3lame", seconds, title=title)


def amr(seconds=2.0):
    """AMR narrow band, as old Android recorders write it."""
    return sound("amr", "libopencore_amrnb", seconds, 8000)


@lru_cache(maxsize=8)
def video_mp4(seconds=1.0, audio=True):
    """A real film: moving pictures, with sound unless told otherwise."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as out:
        film = out.add_stream("mpeg4", rate=10)
        film.width, film.height, film.pix_fmt = 64, 64, "yuv420p"
        stream = out.add_stream("aac", rate=RATE, layout="mono") if audio else None
        for number in range(max(2, int(seconds * 10))):
            frame = av.VideoFrame.from_image(picture(64, 64, (number * 20 % 200, 90, 90)))
            out.mux(film.encode(frame))
        out.mux(film.encode(None))
        if stream:
            _add_frames(out, stream, _samples(seconds, RATE), RATE)
    return target.getvalue()


@lru_cache(maxsize=4)
def mp3_with_cover(seconds=2.0):
    """An MP3 whose ID3 tag holds a cover picture, which libraries list as a video stream."""
    image = jpeg(64, 64)
    picture_frame = b"\0image/jpeg\0\x03\0" + image
    frame = b"APIC" + struct.pack(">I", len(picture_frame)) + b"\0\0" + picture_frame
    size = len(frame)
    synchsafe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\0\0" + synchsafe + frame + mp3(seconds)


def playlist():
    """An HLS playlist that would make a naive decoder read a local file."""
    return b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


def concat_script():
    """A concat script that would make a naive decoder read a local file."""
    return b"ffconcat version 1.0\nfile '/etc/passwd'\n"
