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
const said = [], area = plotArea();
function plotArea() { return canvas.getBoundingClientRect(); }
function fire(type, x, y, more) {
  canvas.dispatchEvent(new (type === 'wheel' ? WheelEvent : MouseEvent)(
    type, {clientX: plotArea().left + x, clientY: plotArea().top + y, bubbles: true, cancelable: true, ...more}));
}
function say(name, value) { said.push(name + '\\t' + String(value).replace(/\\n/g, ' | ')); }
function hover(box) { fire('mousemove', (box[0] + box[2]) / 2, (box[1] + box[3]) / 2); return tip.textContent; }
function inks() {
  const g = canvas.getContext('2d'), seen = new Set(), data = g.getImageData(0, 0, canvas.width, canvas.height).data;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3]) seen.add(data.slice(i, i + 3).join());
  return seen.size;
}
say('inks', inks() > 4);
say('first', hover(boxes[0])); say('shown', tip.style.display);
const waiting = b => b[5].notes[b[4][0][6]].startsWith('waited') && b[2] - b[0] > 2 && b[0] > left && b[2] < canvas.clientWidth - 9;
const late = charts[0].spans.find(s => charts[0].notes[s[6]].startsWith('waited'));
if (!boxes.some(waiting)) { from = Math.max(0, late[1] - 20 * late[2]); to = Math.min(end, late[1] + 20 * late[2]); draw(); }
say('waited', hover(boxes.find(waiting))); fire('dblclick', 9, 9);
const pairs = boxes.filter(b => b[4].length === 2); say('pair', pairs.length ? hover(pairs[0]) : '');
fire('mousemove', 2, 2); say('hidden', tip.style.display);
const x = canvas.clientWidth / 3, before = timeAt(x), length = to - from;
fire('wheel', x, 60, {deltaY: -1}); say('zoomed', ((to - from) / length).toFixed(3));
say('kept', Math.abs(timeAt(x) - before) < length / 1e4);
const start = from; fire('mousedown', x, 60); fire('mousemove', x - 100, 60); fire('mouseup', x - 100, 60);
say('moved', from > start);
document.getElementById('out').click(); document.getElementById('in').click(); say('buttons', to - from < length);
fire('dblclick', x, 60); say('all', from === 0 && to === end);
const pre = document.createElement('pre'); pre.id = 'said'; pre.textContent = said.join('\\n'); document.body.append(pre);
</script>"""


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
    print(f"{name}: hover, wheel, drag, double click and buttons do what they say")


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
        acts = {"inks": "true", "first": r"0F0 \| starts at 0, takes 1 ms \| at once", "shown": "block",
                "waited": r".* \| starts at .*, takes .* \| waited .* for .* of rank \d+",
                "pair": r"\d+F\d+ & \d+B\d+ \| .*", "hidden": "none", "zoomed": "0.800", "kept": "true", "moved": "true",
                "buttons": "true", "all": "true"}
        probe("contraflow plan", plan, acts)
        contraflow("plan", "--schedule", "zb-v", "--ranks", 128, "--microbatches", 256, "--format", "html", "-o", plan)
        probe("contraflow plan, 128 ranks", plan, {**acts, "first": r"0F0 \| .*", "pair": ""})

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
