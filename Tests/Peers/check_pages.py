"""The pages that the command makes, opened by headless Chromium: no word on the console, and what they show is there."""

import html
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


PROBE = """<script>
"use strict";
const said = [], view = views[0], canvas = view.canvas, tip = view.tip, panel = view.panels[0];
function fire(type, x, y, more) {
  const area = canvas.getBoundingClientRect();
  const Kind = type === 'wheel' ? WheelEvent : type.startsWith('pointer') ? PointerEvent : MouseEvent;
  canvas.dispatchEvent(new Kind(type, {clientX: area.left + canvas.clientLeft + x, clientY: area.top + canvas.clientTop + y,
    bubbles: true, cancelable: true, ...more}));
}
function say(name, value) { said.push(name + '\\t' + String(value).replace(/\\n/g, ' | ')); }
// What is said of the first span whose label passes the test, after zooming to it.
function hover(test) {
  for (const [row, lane] of panel.lanes.entries()) {
    for (let i = 0; i < lane.spans.length; i += 3) {
      const [start, length, label] = lane.spans.slice(i, i + 3);
      if (!test(panel.labels[label])) continue;
      view.show(start - length, 3 * length);
      fire('pointermove', view.x(start + length / 2), panel.lanesTop + (row + 0.5) * view.pitch);
      return tip.textContent;
    }
  }
  return '';
}
function inks() {
  const seen = new Set(), data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) seen.add(data.slice(i, i + 3).join());
  return seen.size;
}
say('inks', inks() > 4);
view.draw();
const whole = canvas.toDataURL();
say('first', hover(() => true)); say('shown', tip.style.display);
say('waited', hover((label) => (panel.notes[label.note] || '').startsWith('waited')));
say('pair', hover((label) => label.parts));
fire('pointermove', 2, 2); say('hidden', tip.style.display);
fire('dblclick', 9, 9); say('all', view.from === 0 && view.to === view.end);
const x = canvas.clientWidth / 3, before = view.timeAt(x), length = view.to - view.from;
fire('wheel', x, 60, {deltaY: -100}); say('zoomed', ((view.to - view.from) / length).toFixed(3));
say('kept', Math.abs(view.timeAt(x) - before) < length / 1e4); say('queued', view.isQueued);
const start = view.from, shown = view.timeAt(x);
fire('pointerdown', x, 60); fire('pointermove', x - 40, 60); say('moved', Math.abs(view.timeAt(x - 40) - shown) < length / 1e4);
fire('pointerup', x - 40, 60); fire('pointermove', x, 60); say('let go', view.from > start);
for (let i = 0; i < 500; i++) fire('wheel', x, 60, {deltaY: -100});
say('deepest', view.to - view.from > 0 && view.to - view.from < length / 1e3);
view.draw(); say('drawn', canvas.toDataURL() !== whole);
fire('dblclick', x, 60); view.draw(); say('drawn again', canvas.toDataURL() === whole);
if (document.getElementById('in')) {
  document.getElementById('in').click(); say('in', (view.to - view.from) / length);
  document.getElementById('out').click(); say('out', (view.to - view.from) / length);
  document.getElementById('in').click(); document.getElementById('all').click(); say('button all', view.to - view.from === length);
}
if (document.querySelector('.sortable')) {
  const table = document.querySelector('.sortable'), filter = table.querySelector('input');
  const column = (index) => [...table.querySelectorAll('tbody tr')].map((row) => row.cells[index].firstChild.textContent);
  const falls = (list) => list.every((value, i) => i === 0 || +list[i - 1] >= +value);
  say('sorted', falls(column(3))); table.querySelectorAll('th')[3].click(); say('sorted up', falls(column(3).reverse()));
  table.querySelectorAll('th')[2].click(); say('sorted by count', falls(column(2)));
  const names = column(0), wanted = names[0].toUpperCase(); filter.value = wanted; filter.dispatchEvent(new Event('input'));
  const left = [...table.querySelectorAll('tbody tr')];
  say('filtered', left.length > 0 && left.length < names.length && left.every((row) => row.title.toUpperCase().includes(wanted)));
}
const pre = document.createElement('pre'); pre.id = 'said'; pre.textContent = said.join('\\n'); document.body.append(pre);
</script>"""

# What every page does; an expectation of its own is added to each.
ACTS = {"inks": "true", "shown": "block", "hidden": "none", "all": "true", "zoomed": "0.819", "kept": "true",
        "queued": "true", "moved": "true", "let go": "true", "deepest": "true", "drawn": "true", "drawn again": "true"}
PLAN = {**ACTS, "in": "0.5", "out": "1", "button all": "true"}
ANALYSIS = {**ACTS, "first": r".+ \(\w+\): \d+\.\d{3} ms at \d+\.\d{3} ms", "sorted": "true", "sorted up": "true",
            "sorted by count": "true", "filtered": "true"}


def probe(name, path, expected):
    """What the page does when its plot is hovered over, zoomed and dragged, by a script added behind its own."""
    probed = path.with_suffix(".probed.html")
    probed.write_text(path.read_text().replace("</body>", PROBE + "</body>"))
    page, console = open_page(probed)
    if console:
        raise SystemExit(f"{name}, hovered over and zoomed: the console says {console}")
    found = re.search(r'<pre id="said">(.*?)</pre>', page, re.DOTALL)
    if not found:
        raise SystemExit(f"{name}: the page did not answer")
    said = dict(line.split("\t", 1) for line in html.unescape(found[1]).split("\n"))
    for key, pattern in expected.items():
        if not re.fullmatch(pattern, said.get(key, "")):
            raise SystemExit(f"{name}: {key} is {said.get(key)!r}, expected is {pattern}")
    print(f"{name}: hover, wheel, drag, double click, buttons and tables do what they say")


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
        probe("contraflow plan", plan, {
            **PLAN, "first": r"0F0 \| starts at 0, takes 1 ms \| at once",
            "waited": r".* \| starts at .*, takes .* \| waited .* for .* of rank \d+", "pair": r"\d+F\d+ & \d+B\d+ \| .*"})
        contraflow("plan", "--schedule", "zb-v", "--ranks", 128, "--microbatches", 256, "--format", "html", "-o", plan)
        probe("contraflow plan, 128 ranks", plan, {**PLAN, "first": r"0F0 \| .*", "waited": ".* waited .*", "pair": ""})

        analysis = folder / "analysis.html"
        trace = ROOT / "Tests/ProfilerTracesTests/Fixtures/small.json"
        contraflow("analyze", trace, "--format", "html", "-o", analysis)
        check("contraflow analyze", analysis, {"#findings li": 3, "canvas[width]": 1, "#ranks td": 12})
        probe("contraflow analyze", analysis, ANALYSIS)

        contraflow("analyze", run.folder, "--format", "html", "-o", analysis)
        check("contraflow analyze of a run", analysis, {"#findings li": 3, "canvas[width]": 4, "#run td": 60})
        probe("contraflow analyze of a run", analysis, {**ANALYSIS, "first": r"0F0( with \S+)? \(\w+\): .*"})

        trace = folder / "large.json"
        trace.write_text(large_trace(100_000))
        contraflow("analyze", trace, "--format", "html", "-o", analysis)
        check("contraflow analyze of 100,000 kernels", analysis, {"canvas[width]": 1, "#ranks td": 240})
        probe("contraflow analyze of 100,000 kernels", analysis, ANALYSIS)


main()
