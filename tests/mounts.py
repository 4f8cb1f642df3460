"""File systems of a few kilobytes, which can be full or made read-only, where root may mount."""

import contextlib
import subprocess


def mount(folder, size="64k"):
    """Whether a small file system lies on the folder now."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def unmount(folder):
    """Also where somebody still has a file open there."""
    subprocess.run(["umount", "-l", folder], check=True)


class ReadOnly:
    """A folder that takes nothing while it is held."""

    def __init__(self, folder, mounted):
        self.folder, self.mounted, self._held = folder, mounted, False
        self._aside = folder.with_name(f"{folder.name}.aside")

    def hold(self):
        """Take nothing from now on."""
        self._held = True
        if self.mounted:
            subprocess.run(["mount", "-o", "remount,ro", self.folder], check=True)
        else:
            self.folder.rename(self._aside)
            self.folder.write_text("in the way")

    def release(self):
        """Take files again."""
        if self._held and self.mounted:
            subprocess.run(["mount", "-o", "remount,rw", self.folder], check=True)
        elif self._held:
            self.folder.unlink()
            self._aside.rename(self.folder)
        self._held = False


@contextlib.contextmanager
def read_only(folder):
    """A folder that can be held, for a `with` block: a read-only file system.

    Without the right to mount one a file stands in its place, which stops root as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mounted = mount(folder, "1m")
    if not mounted:
        print("no right to mount a file system: a file in the way stands for the read-only one")
    one = ReadOnly(folder, mounted)
    try:
        yield one
    finally:
        one.release()
        if mounted:
            unmount(folder)
