"""The report of a part, and the table of all parts."""
import json
import time


class Report:
    def __init__(self, part, device):
        self.part, self.device = part, device
        self.status = "not run"
        self.seconds = 0.0
        self.figures = []
        self.errors = []
        # Values for the JSON file that are too long for the table.
        self.details = {}
        self.start = None

    @property
    def has_failed(self):
        return self.status in ("failed", "timed out")

    def begin(self):
        self.start = time.monotonic()

    def finish(self, status):
        self.status = status
        self.seconds = time.monotonic() - self.start if self.start else 0.0

    def add(self, figure, value, unit="", beside=""):
        """Adds a row. `beside` is a figure of others or of the device to compare with."""
        self.figures.append(dict(figure=figure, value=value, unit=unit, beside=beside))

    def fail(self, reason, lines=()):
        self.errors.append(dict(reason=reason, lines=list(lines)))

    def write(self, folder):
        """Writes the JSON file."""
        document = dict(
            version=1, part=self.part, device=self.device, status=self.status, seconds=round(self.seconds, 2),
            figures=self.figures, errors=self.errors, **self.details)
        replace(folder / f"{self.part}.json", json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def write_table(reports, folder):
    """Writes and returns the table of all reports as Markdown."""
    rows = [("part", "figure", "value", "beside"), ("---",) * 4]
    for report in reports:
        rows.append((report.part, "status", f"{report.status}, {report.seconds:.1f} s", ""))
        rows += [(report.part, f["figure"], f"{shown(f['value'])} {f['unit']}".strip(), f["beside"])
                 for f in report.figures]
        rows += [(report.part, "error", e["reason"], e["lines"][-1] if e["lines"] else "") for e in report.errors]
    text = "".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows)
    replace(folder / "table.md", text)
    return text


def shown(value):
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1e4 else f"{value:.0f}"


def replace(file, text):
    """Replaces a file, which is complete at any time."""
    part = file.with_suffix(".part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)
