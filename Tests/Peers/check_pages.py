"""The pages that the command makes, opened by headless Chromium: no word on the console, and what they show is there."""

import os
import pathlib
import re
import subprocess
import tempfile
from html.parser import HTMLParser

from contraflow_run import Run, contraflow, text

CHROMIUM = os.environ.get("CHROMIUM", "chromium")
ROOT = pathlib.Path(__file__).parents[2]


class Elements(HTMLParser):
    """Counts elements by tag, by tag after the last element that had an id, and those of some width."""

    def __init__(self, page):
        super().__init__()
        self.counts = {}
        self.identifier = ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.identifier = attributes.get("id", self.identifier)
        width = attributes.get("width") or ""
        sized = [f"{tag}[width]"] if width.isdigit() and int(width) > 300 else []
        for key in (tag, f"#{self.identifier}", f"#{self.identifier} {tag}", *sized):
            self.counts[key] = self.counts.get(key, 0) + 1


def open_page(path):
    """The page after its scripts have run, and what stands on the console."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             f"--user-data-dir={profile}", "--enable-logging=stderr", "--virtual-time-budget=5000",
             "--window-size=1400,900", "--dump-dom", f"file://{path}"],
            capture_output=True, text=True, timeout=180)
    if done.returncode != 0:
        raise SystemExit(f"{CHROMIUM}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout, re.findall(r":CONSOLE[:(]\d+\)?\] *(.*)", done.stderr)


def check(name, path, expected):
    page, console = open_page(path)
    if console:
        raise SystemExit(f"{name}: the console says {console}")
    counts = Elements(page).counts
    for element, least in expected.items():
        if counts.get(element, 0) < least:
            raise SystemExit(f"{name}: {counts.get(element, 0)} of {element}, at least {least} are expected")
    print(f"{name}: " + ", ".join(f"{counts[element]} {element}" for element in expected) + ", nothing on the console")


def large_trace(count):
    """A trace of `count` kernels under 40 names on two streams."""
    event = ('{"ph":"X","cat":"kernel","name":"%s","pid":0,"tid":%d,"ts":%d,"dur":%d,"args":{"device":0,"stream":%d}}')
    names = [f"gemm_{index}<float, {index}>(int)" for index in range(36)] + [
        f"ncclDevKernel_AllReduce_{index}" for index in range(4)]
    events = []
    for index in range(count):
        name = names[index * 7 % len(names)]
        stream = 20 if name.startswith("nccl") else 7
        events.append(event % (name, stream, 11 * index, 4 + index % 13, stream))
    return '{"traceEvents":[' + ",\n".join(events) + "]}"


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # The check itself can fail.
        broken = folder / "broken.html"
        broken.write_text("<script>missing()</script>")
        if not open_page(broken)[1]:
            raise SystemExit("an error in a page's script does not show on Chromium's console")

        data = folder / "text.txt"
        data.write_bytes(text(3000))
        run = Run(folder / "runs", data, "--steps", 3)
        check("report of a run", run.folder / "report.html", {"svg": 3, "table": 1, "rect": 100, "h1": 1})

        plan = folder / "plan.html"
        contraflow("plan", "--schedule", "dualpipe", "--ranks", 8, "--microbatches", 20, "--format", "html", "-o", plan)
        check("contraflow plan", plan, {"canvas[width]": 1, "button": 3, "#all i": 3})

        analysis = folder / "analysis.html"
        trace = ROOT / "Tests/ProfilerTracesTests/Fixtures/small.json"
        contraflow("analyze", trace, "--format", "html", "-o", analysis)
        check("contraflow analyze", analysis, {"#findings li": 3, "canvas[width]": 1, "#ranks td": 12})

        contraflow("analyze", run.folder, "--format", "html", "-o", analysis)
        check("contraflow analyze of a run", analysis, {"#findings li": 3, "canvas[width]": 4, "#run td": 60})

        trace = folder / "large.json"
        trace.write_text(large_trace(100_000))
        contraflow("analyze", trace, "--format", "html", "-o", analysis)
        check("contraflow analyze of 100,000 kernels", analysis, {"canvas[width]": 1, "#ranks td": 240})


main()
