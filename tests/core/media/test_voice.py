import hashlib
import io
import math
import struct
from array import array

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import media
from yuanhang.core.media import voice
from yuanhang.core.media.invalid_upload import InvalidUploadError

NOT_A_VOICE = "这个文件不是语音"
TOO_LONG = "语音超过 60 秒"
BROKEN = "语音没有传完整或已损坏"
NOTHING_HEARD = "没有听到声音"


def convert(data):
    return voice.convert(io.BytesIO(data))


def refused(data):
    with pytest.raises(InvalidUploadError) as caught:
        convert(data)
    return caught.value.message


def boxes(data):
    """The names of an MP4's outermost boxes, in order."""
    names, at = [], 0
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        names.append(name.decode())
        at += size
    return names


# --- what is taken --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(media.webm(), id="webm"),
        pytest.param(media.webm(told=False), id="webm from MediaRecorder, without a length"),
        pytest.param(media.ogg(), id="ogg"),
        pytest.param(media.m4a(), id="m4a"),
        pytest.param(media.aac(), id="aac"),
        pytest.param(media.mp3(), id="mp3"),
        pytest.param(media.mp3(title="voice"), id="mp3 with a tag"),
        pytest.param(media.mp3_with_cover(), id="mp3 with a cover picture"),
        pytest.param(media.amr(), id="amr"),
        pytest.param(media.wav(), id="wav"),
        pytest.param(media.sound("mp4", "libopus"), id="opus in mp4"),
        pytest.param(media.sound("3gp", "libopencore_amrnb", rate=8000), id="amr in 3gp"),
        pytest.param(media.sound("wav", "pcm_s16le", rate=44_100), id="wav of 44.1 kHz"),
    ],
)
def test_every_usual_recording_becomes_mono_aac_in_mp4(data):
    stored = convert(data)
    assert stored.seconds == pytest.approx(2, abs=0.06)
    assert stored.sha256 == hashlib.sha256(stored.data).hexdigest()
    with av.open(io.BytesIO(stored.data), format="mov") as file:
        (stream,) = file.streams
        assert (stream.codec_context.name, stream.channels) == ("aac", 1)
        assert stream.rate in (44_100, 48_000)
        assert 30_000 < stream.bit_rate < 80_000
        assert sum(frame.samples for frame in file.decode(stream)) / stream.rate == (
            pytest.approx(stored.seconds, abs=0.05)
        )
        assert file.duration / av.time_base == pytest.approx(stored.seconds, abs=0.05)


def test_the_index_stands_in_front_so_that_a_phone_plays_at_once():
    names = boxes(convert(media.webm()).data)
    assert names[0] == "ftyp"
    assert names.index("moov") < names.index("mdat")


def test_the_sound_is_still_the_sound():
    stored = convert(media.wav())
    with av.open(io.BytesIO(stored.data), format="mov") as file:
        samples = [
            value
            for frame in file.decode(audio=0)
            for value in memoryview(frame.planes[0]).cast("B").cast("f")[: frame.samples]
        ]
    middle = samples[len(samples) // 8 : len(samples) // 4]
    assert 0.1 < max(middle) < 0.5
    crossings = sum(a < 0 <= b for a, b in zip(middle, middle[1:], strict=False))
    assert crossings / (len(middle) / 48_000) == pytest.approx(220, abs=8)


def test_titles_and_the_name_of_the_software_are_not_stored():
    title = "SECRET-WORDS"
    assert title.encode() in media.m4a(title=title)
    for data in (media.m4a(title=title), media.mp3(title=title)):
        stored = convert(data).data
        for word in (title.encode(), b"Lavf", b"Lavc"):
            assert word not in stored


def test_the_same_upload_gives_the_same_bytes():
    assert convert(media.webm()) == convert(media.webm())


def test_name_and_content_type_are_not_believed():
    upload = SimpleUploadedFile("a.txt", media.webm(), content_type="text/plain")
    upload.read()
    assert voice.convert(upload) == convert(media.webm())


def test_a_recorder_may_stop_a_little_late():
    assert convert(media.webm(61, told=False)).seconds == pytest.approx(61, abs=0.05)


def test_half_a_second_is_enough():
    assert convert(media.wav(0.5)).seconds == 0.5


def test_two_channels_become_one():
    out = io.BytesIO()
    with av.open(out, "w", format="wav") as file:
        stream = file.add_stream("pcm_s16le", rate=16_000, layout="stereo")
        frame = av.AudioFrame(format="s16", layout="stereo", samples=16_000)
        frame.planes[0].update(bytes(range(250)) * 256)
        frame.sample_rate, frame.pts = 16_000, 0
        file.mux(stream.encode(frame))
    assert convert(out.getvalue()).seconds == 1


# --- what is refused ------------------------------------------------------------------------


def wav_claiming(rate, data_bytes=200_000, byte_rate=None, told=None):
    """A WAV whose header claims any rate and any length of data."""
    told = data_bytes if told is None else told
    form = struct.pack("<HHIIHH", 1, 1, rate, byte_rate or rate * 2, 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + told) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", told) + bytes(data_bytes)


def without_sound():
    return media.video_mp4(audio=False)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(b"", "语音是空的", id="empty"),
        pytest.param(b"\xff", NOT_A_VOICE, id="one byte"),
        pytest.param(b"ID3\x03", NOT_A_VOICE, id="half a tag"),
        pytest.param(b"ID3\x03\0\0\x7f\x7f\x7f\x7f" + b"x" * 99, NOT_A_VOICE, id="only a tag"),
        pytest.param(media.text_as_jpg(), NOT_A_VOICE, id="text"),
        pytest.param(media.jpeg(), NOT_A_VOICE, id="photo"),
        pytest.param(media.svg(), NOT_A_VOICE, id="svg"),
        pytest.param(media.playlist(), NOT_A_VOICE, id="hls playlist"),
        pytest.param(media.concat_script(), NOT_A_VOICE, id="concat script"),
        pytest.param(media.sound("avi", "pcm_s16le"), NOT_A_VOICE, id="avi"),
        pytest.param(media.video_mp4(), "这是视频", id="film"),
        pytest.param(without_sound(), "这是视频", id="silent film"),
        pytest.param(media.heic(), "这是视频或照片", id="heic photo, the same box format as m4a"),
        pytest.param(media.wav(0.4), NOTHING_HEARD, id="too short"),
        pytest.param(wav_claiming(16_000, 0), NOTHING_HEARD, id="wav without samples"),
        pytest.param(media.truncated(media.m4a()), BROKEN, id="m4a without its end"),
        pytest.param(b"\x1aE\xdf\xa3" + b"\0" * 500, BROKEN, id="webm of zeros"),
        pytest.param(b"OggS" + b"\0" * 500, BROKEN, id="ogg of zeros"),
        pytest.param(b"\0\0\0\x18ftypM4A " + b"\0" * 500, BROKEN, id="m4a of zeros"),
        pytest.param(b"RIFF\0\0\0\0WAVE" + b"\0" * 500, BROKEN, id="wav of zeros"),
        pytest.param(b"\0" * (voice.MAX_BYTES + 1), "语音文件超过 10 MB", id="too large"),
    ],
)
def test_what_is_no_voice_is_refused_in_words(data, words):
    assert words in refused(data)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: media.webm(63), id="webm"),
        pytest.param(lambda: media.webm(63, told=False), id="webm that does not say"),
        pytest.param(lambda: media.mp3(63), id="mp3"),
        pytest.param(lambda: media.amr(63), id="amr"),
        pytest.param(lambda: media.wav(63), id="wav"),
    ],
)
def test_more_than_a_minute_is_refused(make):
    assert TOO_LONG in refused(make())


def test_decoding_stops_at_the_limit(monkeypatch):
    written = []
    monkeypatch.setattr(voice.Mp4Writer, "write", lambda self, frames: written.extend(frames))
    assert TOO_LONG in refused(media.webm(75, told=False))
    assert sum(frame.samples for frame in written) / 48_000 < 62


def test_a_stated_length_is_believed_before_anything_is_decoded(monkeypatch):
    monkeypatch.setattr(voice, "_reencoded", None)
    assert TOO_LONG in refused(media.webm(63))


def test_a_header_that_claims_one_sample_a_second_costs_nothing(monkeypatch):
    written = []
    monkeypatch.setattr(voice.Mp4Writer, "write", lambda self, frames: written.extend(frames))
    assert TOO_LONG in refused(wav_claiming(1))
    # Even if the stated length were believed to be short.
    monkeypatch.setattr(voice, "STATED", set())
    assert TOO_LONG in refused(wav_claiming(1))
    assert sum(frame.samples for frame in written) < 62 * 48_000


def test_a_file_that_breaks_off_keeps_what_was_said():
    # What MediaRecorder has sent when the page is closed: valid, only shorter.
    assert convert(media.truncated(media.webm(4, told=False))).seconds == (
        pytest.approx(2, abs=0.3)
    )


def test_a_recording_of_garbled_frames_is_refused():
    data = bytearray(media.m4a())
    start = data.index(b"mdat") + 8
    for at in range(start, data.index(b"moov") - 4):
        data[at] = data[at] * 7 + 13 & 0xFF
    assert BROKEN in refused(bytes(data))


@pytest.mark.parametrize(
    ("data", "kind"), [(media.playlist(), "hls"), (media.concat_script(), "concat")]
)
def test_nothing_else_is_ever_opened(data, kind):
    # Even if such a file got past `sniff`.
    with pytest.raises((av.FFmpegError, PermissionError)), voice._opened(data, kind) as file:
        next(file.decode(audio=0))


def test_a_codec_that_no_recorder_uses_is_refused():
    assert "这种录音格式不能用" in refused(media.sound("wav", "adpcm_ima_wav", rate=16_000))


def test_ffmpeg_keeps_quiet(capfd):
    convert(media.mp3_with_cover())
    refused(media.truncated(media.m4a()))
    refused(b"OggS" + b"\0" * 500)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (media.webm(), "matroska"),
        (media.ogg(), "ogg"),
        (media.m4a(), "mov"),
        (media.aac(), "aac"),
        (media.mp3(), "mp3"),
        (media.mp3(title="x"), "mp3"),
        (b"ID3\x04\0\0\0\0\0\x03\0\0\0" + media.aac(), "aac"),
        (media.amr(), "amr"),
        (b"#!AMR-WB\n", "amr"),
        (media.wav(), "wav"),
        (media.playlist(), None),
        (b"", None),
    ],
)
def test_the_kind_is_told_by_the_first_bytes(data, kind):
    assert voice.sniff(data) == kind


# --- what was damaged on the way ------------------------------------------------------------


def hurt(data, length):
    """The file with some bytes in the middle exchanged for junk."""
    damaged = bytearray(data)
    middle = len(data) // 2
    damaged[middle : middle + length] = bytes(n * 37 % 256 for n in range(length))
    return bytes(damaged)


@pytest.mark.parametrize(
    ("data", "seconds"),
    [
        pytest.param(media.amr()[:-7], 2, id="amr without the end of its last frame"),
        pytest.param(hurt(media.m4a(), 100), 2, id="m4a"),
        pytest.param(hurt(media.mp3(), 400), 2, id="mp3"),
        pytest.param(hurt(media.webm(), 100), 2, id="webm"),
        pytest.param(hurt(media.aac(), 100), 2, id="aac"),
        pytest.param(hurt(media.ogg(), 100), 2, id="ogg"),
        pytest.param(hurt(media.amr(), 20), 2, id="amr"),
    ],
)
def test_some_damaged_bytes_cost_some_packets_and_not_the_recording(data, seconds):
    assert seconds / 2 < convert(data).seconds <= seconds + 0.1


def test_the_pauses_of_a_phone_call_are_part_of_the_recording():
    """DTX: while nobody speaks, the phone writes next to nothing."""
    rate, quiet = 8000, array("h", [n % 3 - 1 for n in range(8000 * 3)])
    tone = array("h", [int(9000 * math.sin(n * 300 * 2 * math.pi / rate)) for n in range(rate)])
    out = io.BytesIO()
    with av.open(out, "w", format="amr") as file:
        stream = file.add_stream("libopencore_amrnb", rate=rate, layout="mono")
        stream.options = {"dtx": "1"}
        talk = (tone + quiet + tone).tobytes()
        for at in range(0, len(talk) - 319, 320):
            frame = av.AudioFrame(format="s16", layout="mono", samples=160)
            frame.planes[0].update(talk[at : at + 320])
            frame.sample_rate, frame.pts = rate, at // 2
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert len(out.getvalue()) < 2.5 * 50 * 32
    assert convert(out.getvalue()).seconds == pytest.approx(5, abs=0.1)
