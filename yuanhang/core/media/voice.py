"""Voice notes as people record them, turned into the one format every phone plays; pure, no models.

A note arrives as whatever the phone's recorder makes and leaves as mono AAC in MP4. The
container is told from its first bytes and named to FFmpeg, which never gets to guess: several
of the formats it would guess (playlists, concat scripts) read other files or the network.
"""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, BinaryIO, TypeVar, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from django.utils.translation import gettext as _

from yuanhang.core.media.invalid_upload import MEGABYTE, InvalidUploadError
from yuanhang.core.media.stored_voice import StoredVoice
from yuanhang.core.media.wave import digits_of, level_of

MAX_BYTES = 10 * MEGABYTE
MAX_SECONDS = 60
# A recorder told to stop after 60 seconds stops a little later.
TOLERANCE_SECONDS = 1.5
MIN_SECONDS = 0.5
MOST_TAGS = 4
# So many packets are decoded before a recording is taken: a second of speech, which tells sound
# from noise.
PROBED_PACKETS = 50
BIT_RATE = 48_000
# 44.1 kHz stays as it is; every other rate is brought to 48 kHz, which Opus uses anyway.
RATES = (44_100, 48_000)

# Names of FFmpeg's demuxers. The first four state a length that can be believed to be at least
# meant; in the others it is estimated from the bit rate and often wrong.
STATED = {"matroska", "ogg", "mov", "wav"}
# What recorders use, by the names of FFmpeg's decoders. No picture decoder is among them, so
# cover art is not even looked at while FFmpeg gets to know the file.
CODECS = (
    "opus,libopus,vorbis,aac,alac,flac,mp3float,mp3,amrnb,amrwb,libopencore_amrnb,"
    "pcm_s16le,pcm_s16be,pcm_u8,pcm_s24le,pcm_s32le,pcm_f32le,pcm_alaw,pcm_mulaw"
)

# FFmpeg's own decoders of AMR lose the packets of a pause (DTX); OpenCORE's hear the silence.
AMR_RATES = {"amrnb": 8000, "amrwb": 16_000}

# FFmpeg writes its name into containers and AAC frames unless told to be bit exact.
CONTAINER_BITEXACT = cast(int, av.container.Flags.bitexact.value)
CODEC_BITEXACT = av.codec.context.Flags.bitexact.value


T = TypeVar("T")


def convert(file: BinaryIO) -> StoredVoice:
    """Turn an uploaded recording of unknown type into a `StoredVoice`.

    Takes a seekable binary file (its name and content type are ignored) of at most `MAX_BYTES`
    holding WebM, Ogg, MP4/M4A, AAC, MP3, AMR or WAV with sound of `MIN_SECONDS` to
    `MAX_SECONDS`. Raises `InvalidUploadError` for everything else.
    """
    stored, seconds, wave = _heard(file, _reencoded)
    _refuse_silence(seconds)
    return StoredVoice(stored, round(seconds, 2), hashlib.sha256(stored).hexdigest(), wave)


def probe(file: BinaryIO) -> float:
    """How many seconds a recording lasts that `convert` would take, as far as a look can tell.

    A tenth of the work: its packets are counted, and only the first of them decoded. Raises
    `InvalidUploadError` in the words of `convert`; one that lies about itself is found out there.
    """
    seconds = _heard(file, _counted)
    _refuse_silence(seconds)
    return round(seconds, 2)


def _refuse_silence(seconds: float) -> None:
    if seconds < MIN_SECONDS:
        raise InvalidUploadError(_("没有听到声音，请按住多说一会儿，或改用文字说明。"))


def _heard(file: BinaryIO, listen: Callable[[InputContainer, AudioStream], T]) -> T:
    """What `listen` makes of the one stream of a recording; InvalidUploadError."""
    file.seek(0)
    # FFmpeg seeks about a lot; at this size memory is the cheapest place for it.
    data = file.read(MAX_BYTES + 1)
    if not data:
        raise InvalidUploadError(_("语音是空的，请重新录一段。"))
    if len(data) > MAX_BYTES:
        raise InvalidUploadError(_("语音文件超过 10 MB，请录短一点再传。"))
    kind = sniff(data)
    if kind is None:
        raise InvalidUploadError(_("这个文件不是语音，请直接录一段，或改用文字说明。"))
    try:
        with _opened(data, kind) as source:
            return listen(source, _sound_of(source, kind))
    except InvalidUploadError:
        raise
    # FFmpeg's errors share no base with what PyAV raises for odd streams.
    except Exception as error:
        raise InvalidUploadError(_("语音没有传完整或已损坏，请重新录一段。")) from error


def sniff(data: bytes) -> str | None:
    """The name of FFmpeg's demuxer for a file starting with these bytes, or None."""
    if data.startswith(b"ID3"):
        return _sniff_frames(_behind_id3(data))
    if data.startswith(b"\x1aE\xdf\xa3"):
        return "matroska"
    if data.startswith(b"OggS"):
        return "ogg"
    if data[4:8] == b"ftyp":
        return "mov"
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "wav"
    if data.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return "amr"
    return _sniff_frames(data)


def _sniff_frames(data: bytes) -> str | None:
    """MP3 or bare AAC by the sync word; the two layer bits tell them apart (AAC has none)."""
    if len(data) < 2 or data[0] != 0xFF:
        return None
    if data[1] & 0xF6 == 0xF0:
        return "aac"
    if data[1] & 0xE0 == 0xE0 and data[1] & 0x06:
        return "mp3"
    return None


def _behind_id3(data: bytes) -> bytes:
    """What follows the ID3 tags that may stand before MP3 and before AAC."""
    start = 0
    for _tag in range(MOST_TAGS):
        head = data[start : start + 10]
        if len(head) < 10 or not head.startswith(b"ID3"):
            break
        # The length is four bytes of seven bits, without these ten bytes.
        length = 0
        for part in head[6:]:
            length = length << 7 | part & 0x7F
        start += 10 + length
    # Some writers pad a tag without counting it.
    return data[start : start + 4096].lstrip(b"\0")


def _refuse_to_open(_url: str, _flags: int, _options: dict[str, str]) -> None:
    """FFmpeg asks this before it opens anything besides the given bytes."""
    raise PermissionError("a recording may not refer to other files")


def _opened(data: bytes, kind: str) -> InputContainer:
    return av.open(
        io.BytesIO(data),
        "r",
        format=kind,
        options={
            "codec_whitelist": CODECS,
            "format_whitelist": kind,
            "protocol_whitelist": "",
        },
        metadata_errors="ignore",
        io_open=_refuse_to_open,
    )


def _sound_of(source: InputContainer, kind: str) -> AudioStream:
    """The one stream to convert; refuses films, files without sound, and stated over-length."""
    for picture in source.streams.video:
        # A cover picture is listed as a video of one frame.
        if not picture.disposition & av.stream.Disposition.attached_pic:
            raise InvalidUploadError(_("这是视频或照片。这里请录一段语音，或改用文字说明。"))
    if not source.streams.audio:
        raise InvalidUploadError(_("文件里没有声音，请重新录一段。"))
    if kind in STATED and source.duration is not None:
        _check_length(source.duration / av.time_base)
    stream = source.streams.audio[0]
    if stream.codec_context is None or stream.codec_context.name not in CODECS.split(","):
        raise InvalidUploadError(_("这种录音格式不能用，请直接录一段，或改用文字说明。"))
    return stream


def _check_length(seconds: float) -> None:
    if seconds > MAX_SECONDS + TOLERANCE_SECONDS:
        raise InvalidUploadError(_("语音超过 60 秒，请说短一点，或分两次上报。"))


def _counted(source: InputContainer, stream: AudioStream) -> float:
    """Seconds by what the packets say; of a bad beginning more is decoded until it is one no more.

    Raises ValueError where most of it cannot be decoded.
    """
    decoder = _decoder_of(stream)
    good = bad = 0
    told, first, last = 0.0, None, 0.0
    for number, packet in enumerate(_packets(source, stream)):
        if number < PROBED_PACKETS or bad >= good:
            try:
                good += bool(decoder.decode(packet))
            except av.FFmpegError:
                bad += 1
        if packet.time_base is None or packet.size == 0:
            continue  # the last one, which only flushes
        lasts = float((packet.duration or 0) * packet.time_base)
        told += lasts
        if packet.pts is not None:
            at = float(packet.pts * packet.time_base)
            first = at if first is None else first
            last = max(last, at + lasts)
        _check_length(told)
    if bad > good:
        raise ValueError("most of it cannot be decoded")
    # Some containers tell when a packet begins, others how long it lasts, most of them both.
    return max(told, last - (first or 0.0)) if good else 0.0


def _reencoded(source: InputContainer, stream: AudioStream) -> tuple[bytes, float, str]:
    """(MP4 bytes, seconds, wave) of one audio stream; stops decoding once it is too long."""
    rate = stream.rate if stream.rate in RATES else RATES[-1]
    # Decoders differ in sample format; the encoder takes planar floats in frames of 1024.
    resampler = AudioResampler(format="fltp", layout="mono", rate=rate, frame_size=1024)
    heard = 0.0
    with Mp4Writer(rate) as writer:
        for frame in _frames(source, stream):
            # Counted before resampling: a header that claims one sample a second would make
            # every byte into a second of sound.
            heard += frame.samples / frame.sample_rate
            _check_length(heard)
            # Timestamps may have gaps or start anywhere; the samples themselves do not lie.
            frame.pts = None
            try:
                pieces = resampler.resample(frame)
            except ValueError:  # a damaged header made this frame another kind of sound
                continue
            writer.write(pieces)
        if heard:
            writer.write(resampler.resample(None))
        seconds = writer.samples / rate
    return writer.data, seconds, digits_of(writer.levels)


def _frames(source: InputContainer, stream: AudioStream) -> Iterator[AudioFrame]:
    """What can be decoded of a stream: players skip what cannot, and so do we.

    Raises ValueError where most packets cannot: that is noise, and nobody's voice.
    """
    decoder = _decoder_of(stream)
    good = bad = 0
    for packet in _packets(source, stream):
        try:
            frames = decoder.decode(packet)
        except av.FFmpegError:
            bad += 1
            continue
        good += bool(frames)
        yield from frames
    if bad > good:
        raise ValueError("most of it cannot be decoded")


def _decoder_of(stream: AudioStream) -> AudioCodecContext:
    """The stream's own decoder, or for AMR one that knows the pauses a phone leaves out."""
    context = stream.codec_context
    if context.name not in AMR_RATES:
        return context
    made: Any = av.CodecContext.create(f"libopencore_{context.name}", "r")
    decoder: AudioCodecContext = made
    decoder.sample_rate, decoder.layout = AMR_RATES[context.name], "mono"
    return decoder


def _packets(source: InputContainer, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    """The packets of a stream up to where the file breaks off; the last one flushes the decoder."""
    packets = source.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            yield cast("Packet[AudioStream]", Packet())
            return
        if packet is None:
            return
        yield packet


class Mp4Writer:
    """Mono AAC in MP4 with its index in front, so that a phone plays it while it loads.

    A context manager: `write` takes planar float frames of `rate`; after leaving, `data` holds
    the file, `samples` says how many samples went in, `levels` how loud each frame was.
    """

    def __init__(self, rate: int) -> None:
        self.samples = 0
        self.levels: list[float] = []
        self._tick = Fraction(1, rate)
        self.data = b""
        self._buffer = io.BytesIO()
        self._out = av.open(
            self._buffer,
            "w",
            format="mp4",
            options={"movflags": "+faststart"},
            # To move the index forward, FFmpeg opens the file it has just written once more.
            io_open=lambda url, flags, options: _SecondLook(self._buffer),
        )
        self._out.flags |= CONTAINER_BITEXACT
        self._stream = self._out.add_stream("aac", rate=rate, layout="mono")
        self._stream.bit_rate = BIT_RATE
        self._stream.codec_context.flags |= CODEC_BITEXACT

    def __enter__(self) -> "Mp4Writer":
        return self

    def write(self, frames: Iterable[AudioFrame]) -> None:
        for frame in frames:
            frame.pts, frame.time_base = self.samples, self._tick
            self.samples += frame.samples
            plane = memoryview(frame.planes[0])
            self.levels.append(level_of(plane[: 4 * frame.samples]))
            self._out.mux(self._stream.encode(frame))

    def __exit__(self, kind: type[BaseException] | None, *_error: Any) -> None:
        if kind is None and self.samples:
            self._out.mux(self._stream.encode(None))
            self._out.close()
            self.data = self._buffer.getvalue()


class _SecondLook:
    """Reads a BytesIO that is being written, with a position of its own."""

    def __init__(self, buffer: io.BytesIO) -> None:
        self.buffer, self.position = buffer, 0

    def read(self, size: int) -> bytes:
        with self.buffer.getbuffer() as view:
            piece = bytes(view[self.position : self.position + size])
        self.position += len(piece)
        return piece

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position}
        if whence not in base:
            base[io.SEEK_END] = self.buffer.getbuffer().nbytes
        self.position = base[whence] + offset
        return self.position

    def tell(self) -> int:
        return self.position
