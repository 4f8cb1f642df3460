"""The file of a backup: what was changed, cut off or added is noticed before it is restored."""

import io
import tarfile

import pytest
from django.core.management import CommandError, call_command

from yuanhang.backup import archive
from yuanhang.backup.archive import BackupError

KEY = "a key of more than twenty characters"
PARTS = {f"rows/table/{number:06}": bytes([number]) * 700_000 for number in range(5)}


def written(folder, key="", parts=PARTS):
    """An archive of some members."""
    place = folder / "yuanhang-20261127T040000Z.backup"
    with archive.writing(place, key) as (writer, said):
        for name, data in parts.items():
            writer.add_bytes(name, data)
        said["tables"] = {}
    return place


@pytest.mark.parametrize("key", ["", KEY])
def test_what_is_written_is_read(tmp_path, key):
    place = written(tmp_path, key)
    assert {m.name: s.read() for m, s in archive.members(place, key) if m.name in PARTS} == PARTS
    assert archive.read_manifest(place, key)["members"]["count"] == len(PARTS)
    assert place.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [place.name]


def test_with_a_key_nothing_can_be_read_without_it(tmp_path):
    place = written(tmp_path, KEY, {"rows/t/000000": b"a name that nobody may read"})
    assert b"nobody may read" not in place.read_bytes()
    with pytest.raises(BackupError, match="is encrypted"):
        archive.read_manifest(place, "")
    with pytest.raises(BackupError, match="key is not right"):
        archive.read_manifest(place, "another key of twenty characters")


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("where", [0.1, 0.5, 0.9])
def test_one_changed_bit_is_noticed(tmp_path, key, where):
    place = written(tmp_path, key)
    data = bytearray(place.read_bytes())
    data[int(len(data) * where)] ^= 1
    place.write_bytes(data)
    with pytest.raises(BackupError, match="damaged|changed|key is not right"):
        archive.read_manifest(place, key)


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("left", [0, 10, 300_000, 1_048_576 * 2 + 41, -12_000, -20_000])
def test_a_file_that_was_cut_off_is_noticed(tmp_path, key, left):
    place = written(tmp_path, key)
    place.write_bytes(place.read_bytes()[:left])
    with pytest.raises(BackupError):
        archive.read_manifest(place, key)


def rebuilt(place, change):
    """The archive with its members changed by a function, manifest and digests as they were."""
    with tarfile.open(place) as tar:
        found = [(member, tar.extractfile(member).read()) for member in tar]
    with tarfile.open(place, "w", format=tarfile.PAX_FORMAT) as tar:
        for member, data in change(found):
            tar.addfile(member, io.BytesIO(data))


@pytest.mark.parametrize(
    "change",
    [
        lambda found: found[1:],
        lambda found: [found[1], found[0], *found[2:]],
        lambda found: [found[0], *found],
        lambda found: [*found, found[0]],
        lambda found: found[:-1],
    ],
    ids=["one less", "another order", "one twice", "one behind the end", "no end"],
)
def test_members_are_all_there_once_and_in_order(tmp_path, change):
    place = written(tmp_path)
    rebuilt(place, change)
    with pytest.raises(BackupError):
        archive.read_manifest(place, "")


def written_then_fails(writer):
    writer.add_bytes("rows/t/000000", b"x" * 3_000_000)
    raise BackupError("the disk is full")


def test_a_run_that_fails_leaves_no_file(tmp_path):
    place = tmp_path / "x.backup"
    with pytest.raises(BackupError), archive.writing(place, KEY) as (writer, _said):
        written_then_fails(writer)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_backup_is_said_to_be_none(tmp_path):
    place = tmp_path / "x.backup"
    place.write_bytes(b"something else")
    with pytest.raises(CommandError, match="damaged or no backup"):
        call_command("restore", str(place), "--check")
    with pytest.raises(CommandError, match="No such file"):
        call_command("restore", str(tmp_path / "nothing"), "--check")


def test_the_key_comes_from_a_file_or_the_environment(tmp_path, settings, capsys):
    place = written(tmp_path, KEY)
    raw = archive.read_manifest(place, KEY)
    assert raw["format"] == 1
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "short").write_text("short")
    with pytest.raises(CommandError, match="20 characters or more"):
        call_command("restore", str(place), "--check", "--key-file", str(tmp_path / "short"))
    with pytest.raises(CommandError, match="key cannot be read"):
        call_command("restore", str(place), "--check", "--key-file", str(tmp_path / "none"))
    for given in (["--key-file", str(tmp_path / "key")], []):
        settings.BACKUP_KEY = "" if given else KEY
        with pytest.raises(KeyError):  # a manifest of this test's own names no instant
            call_command("restore", str(place), "--check", *given)
