"""The table of a bench: printed row by row, and kept in the README beside it."""

import os
import platform
from datetime import date
from pathlib import Path
from statistics import median

import psutil

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- table -->", "<!-- end of the table -->"
HEAD = ("page", "queries", "bare", "small", "large", "p95", "× bare", "growth", "KB", "read whole")


class Table:
    """Rows as they come; `keep` writes them down."""

    def __init__(self, small, large):
        self.rows, self.lines = [], []
        cores = psutil.cpu_count()
        memory = psutil.virtual_memory().total / 2**30
        self.about = (
            f"{date.today().isoformat()}, {platform.machine()}, {cores} cores, {memory:.0f} GB,"
            f" Python {platform.python_version()}; small: {small:,} cases, large: {large:,}."
            " Medians in milliseconds through HTTP, in turn; bytes as they are sent, packed."
        )
        print(self.about)
        self._line(*HEAD)
        self._line(*("---" for _name in HEAD))

    def add(self, row):
        """One more page."""
        self.rows.append(row)
        spans = (median(row.floor), median(row.small), median(row.large), row.p95)
        self._line(
            row.name,
            row.queries,
            *(f"{span:.1f}" for span in spans),
            f"{row.times_floor:.1f}",
            f"{row.growth:.2f}",
            f"{row.size / 1024:.1f}",
            " ".join(row.plans["scans"]),
        )
        if os.environ.get("PLANS"):
            for ms, rows, blocks, sql in row.plans["slowest"]:
                print(f"    {ms} ms, {rows} rows, {blocks} blocks: {sql}")

    def end(self, resting, after):
        """What the server held before the first page and behind the last, in MB a process."""
        words = ", ".join(f"{mb:.0f}" for mb in resting)
        self.about += f" Memory of the server's processes, MB: {words} before,"
        self.about += f" {', '.join(f'{mb:.0f}' for mb in after)} afterwards."
        most = max(self.rows, key=lambda row: row.growth)
        print(f"Most growth: {most.name}, {most.growth:.2f} ×; {self.about}")

    def _line(self, *cells):
        self.lines.append("| " + " | ".join(map(str, cells)) + " |")
        print(self.lines[-1], flush=True)

    def keep(self):
        """Put the table where the last one stood."""
        text = README.read_text()
        before, _begin, rest = text.partition(BEGIN)
        behind = rest.partition(END)[2]
        table = "\n".join(self.lines)
        README.write_text(f"{before}{BEGIN}\n{self.about}\n\n{table}\n{END}{behind}")
