"""The pages that the command makes, in headless Chromium: they fit the window, follow the colour scheme, and answer the
wheel, the mouse, fingers and the keyboard."""

import json
import pathlib
import re
import tempfile

from browser import CONTROL, Browser
from contraflow_run import Run, contraflow, text

ROOT = pathlib.Path(__file__).parents[2]

# The kinds that must differ in greyscale; idle time has the colour of the ground.
KINDS = ["ground", "forward", "inputGradient", "backward", "weightGradient", "communication"]
# The lightness of CIELAB of each custom property.
LIGHTNESS = """(() => {
  const linear = (value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return %s.map((name) => {
    const hex = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    const [red, green, blue] = [1, 3, 5].map((index) => linear(parseInt(hex.slice(index, index + 2), 16) / 255));
    const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    return luminance > 0.008856 ? 116 * Math.cbrt(luminance) - 16 : 903.3 * luminance;
  });
})()""" % json.dumps(KINDS)
GROUND = "getComputedStyle(document.body).backgroundColor"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
TIP = "(() => { const tip = document.getElementById('tip'); return tip.style.display === 'block' ? tip.textContent : ''; })()"
SHOWN = "[page.views[0].from, page.views[0].to, page.views[0].end]"
# The middle of the first box of the first timeline whose label passes a test, after zooming to it.
BOX = """(() => {
  const view = page.views[0], test = %s;
  for (const panel of view.panels) {
    for (const lane of panel.lanes) {
      for (let i = 0; i < lane.spans.length; i += 3) {
        const [start, length, label] = lane.spans.slice(i, i + 3);
        if (!test(panel.labels[label], panel)) continue;
        view.show(start - length, 3 * length);
        view.canvas.scrollIntoView({ block: "start" });
        scrollBy(0, lane.top - 100);
        const area = view.canvas.getBoundingClientRect();
        return [area.left + view.x(start + length / 2), area.top + lane.top + lane.boxHeight / 2];
      }
    }
  }
  return null;
})()"""
# Of the boxes of each width, the number of those with a text and of those without one.
NUMBERS = """(() => {
  const view = page.views[0], groups = {};
  const plain = view.drawText.bind(view);
  view.drawText = (pen, text, x, width, middle) => {
    const isInside = x > view.left + 1 && x + width < view.right - 1;
    let drawn = "";
    const spy = new Proxy(pen, {
      get: (_, key) => (key === "fillText" ? (shown) => { drawn = shown; } : typeof pen[key] === "function"
        ? pen[key].bind(pen) : pen[key]),
      set: (_, key, value) => { pen[key] = value; return true; },
    });
    plain(spy, text, x, width, middle);
    if (!isInside || !text) return;
    if (drawn && drawn !== text) throw new Error(`${text} is drawn as ${drawn}`);
    const group = groups[Math.round(width * 1000)] ||= [0, 0];
    group[drawn ? 0 : 1] += 1;
  };
  view.draw();
  delete view.drawText;
  view.draw();
  return Object.values(groups);
})()"""
# The texts of the time axis from left to right.
AXIS = """(() => {
  const view = page.views[0], texts = [], plain = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = (text) => { texts.push(text); };
  view.drawAxis(view.canvas.clientWidth);
  CanvasRenderingContext2D.prototype.fillText = plain;
  view.draw();
  return [texts[0], texts[1], page.duration(view.to)];
})()"""

COVERED_TEXTS = """
[...document.querySelectorAll("figure.curves > svg")].flatMap((svg) => {
  const texts = [...svg.querySelectorAll("text")].map((text) => [text.textContent, text.getBBox()]);
  return texts.flatMap(([text, a], index) => texts.slice(index + 1).filter(([, b]) =>
    a.x + a.width > b.x && b.x + b.width > a.x && a.y + a.height - 5 > b.y && b.y + b.height - 5 > a.y)
    .map(([other]) => `${text} / ${other}`));
})"""


def expect(name, condition, failure):
    if not condition:
        raise SystemExit(f"{name}: {failure}")


def check_page(browser, name, path, title):
    """What holds for every page: it fits, is quiet, has both colour schemes and begins with its figures."""
    grounds = {}
    for dark in (False, True):
        for width in (400, 800, 1600):
            browser.open(path, width=width, dark=dark)
            expect(name, not browser.console(), f"the console says {browser.console()}")
            overflow = browser.run(OVERFLOW)
            expect(name, overflow <= 0, f"at {width} pixels the page is {overflow} pixels too wide")
        grounds[dark] = browser.run(GROUND)
        greys = sorted(browser.run(LIGHTNESS))
        steps = [high - low for low, high in zip(greys, greys[1:])]
        expect(name, min(steps) > 9, f"kinds are alike in greyscale: {greys}")
    expect(name, grounds[False] == "rgb(255, 255, 255)" and grounds[True] != grounds[False],
           f"light and dark grounds are {grounds}")
    # Paper is light.
    browser.run("dispatchEvent(new Event('beforeprint'))")
    expect(name, browser.run(GROUND) == grounds[False], "the page is printed dark")
    browser.run("dispatchEvent(new Event('afterprint'))")
    expect(name, browser.run(GROUND) == grounds[True], "the page stays light after it was printed")
    browser.open(path)
    found = browser.run("document.title")
    expect(name, re.search(title, found), f"the title is {found!r}")
    place = browser.run("document.querySelector('dl.figures, table').getBoundingClientRect().top")
    expect(name, place < 160, f"the headline figures begin at {place} pixels")
    names = browser.run("[...document.querySelectorAll('figure canvas, figure > svg, button, input')].every("
                        "(one) => one.ariaLabel || one.ariaHidden || one.textContent || one.hidden)")
    expect(name, names, "a part of the page has no name for screen readers")
    print(f"{name}: fits 400 to 1600 pixels, light, dark and printed; nothing on the console")


def check_timeline(browser, name, path, descriptions):
    """Wheel, keys, buttons, mouse and fingers on the first timeline."""
    browser.open(path, width=1000, height=400)
    center = ("(() => { const view = page.views[0]; view.showAll(); view.canvas.scrollIntoView({block: 'start'});"
              "scrollBy(0, -60); const area = view.canvas.getBoundingClientRect();"
              "return [area.left + area.width / 2, Math.min(area.top + 30, innerHeight - 5)]; })()")
    x, y = browser.run(center)
    browser.settle()
    start, end, whole = browser.run(SHOWN)
    scroll = browser.run("scrollY")
    room = browser.run("document.documentElement.scrollHeight - innerHeight - scrollY")
    browser.wheel(x, y, 100)
    expect(name, browser.run(SHOWN) == [start, end, whole], "the wheel alone zooms")
    if room > 5:
        expect(name, browser.run("scrollY") > scroll, "the wheel alone does not scroll the page")
    x, y = browser.run(center)
    scroll = browser.run("scrollY")
    browser.wheel(x, y, -100, CONTROL)
    start, end, _ = browser.run(SHOWN)
    expect(name, abs((end - start) / whole - 0.819) < 0.01, "Ctrl with the wheel does not zoom")
    expect(name, browser.run("scrollY") == scroll, "Ctrl with the wheel scrolls the page")

    def length():
        left, right, _ = browser.run(SHOWN)
        return (right - left) / whole

    browser.run("page.views[0].showAll(); page.views[0].canvas.focus()")
    ring = browser.run("getComputedStyle(page.views[0].canvas).outlineStyle")
    for key, wanted in (("+", 0.5), ("+", 0.25), ("-", 0.5)):
        browser.press(key)
        expect(name, abs(length() - wanted) < 0.01, f"the key {key} leaves {length()} of the timeline, not {wanted}")
    expect(name, browser.run("getComputedStyle(page.views[0].canvas).outlineStyle") == "solid" or ring == "solid",
           "the focus is not visible")
    before = browser.run(SHOWN)[0]
    browser.press("ArrowRight")
    after = browser.run(SHOWN)[0]
    expect(name, after > before, "the right arrow does not move the timeline")
    browser.press("ArrowLeft")
    expect(name, browser.run(SHOWN)[0] < after, "the left arrow does not move the timeline")
    browser.press("0")
    expect(name, length() == 1, "the key 0 does not show everything")

    for index, wanted in ((0, 0.5), (1, 1), (0, 0.5), (2, 1)):
        browser.run(f"page.views[0].figure.querySelectorAll('.controls button')[{index}].click()")
        expect(name, abs(length() - wanted) < 0.01, f"button {index} leaves {length()} of the timeline")

    browser.press("+")
    x, y = browser.run(center.replace("view.showAll(); ", ""))
    before = browser.run(SHOWN)[0]
    browser.mouse("mousePressed", x, y, button="left", clickCount=1)
    browser.mouse("mouseMoved", x - 50, y, button="left")
    browser.mouse("mouseReleased", x - 50, y, button="left", clickCount=1)
    expect(name, browser.run(SHOWN)[0] > before, "dragging does not move the timeline")
    before = browser.run(SHOWN)[0]
    browser.mouse("mouseMoved", x, y)
    expect(name, browser.run(SHOWN)[0] == before, "the timeline moves after it was let go")

    browser.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=2)
    x, y = browser.run(center)
    browser.touch("touchStart", (x - 20, y), (x + 20, y))
    browser.touch("touchMove", (x - 40, y), (x + 40, y))
    browser.touch("touchMove", (x - 80, y), (x + 80, y))
    browser.touch("touchEnd")
    expect(name, length() < 0.6, f"pinching leaves {length()} of the timeline")
    before = browser.run(SHOWN)[0]
    browser.touch("touchStart", (x, y))
    for step in range(1, 5):
        browser.touch("touchMove", (x - 25 * step, y))
    browser.touch("touchEnd")
    expect(name, browser.run(SHOWN)[0] > before, "a finger does not move the timeline")
    browser.call("Emulation.setTouchEmulationEnabled", enabled=False)

    for test, pattern in descriptions.items():
        place = browser.run(BOX % test)
        expect(name, place, f"no box passes {test}")
        browser.settle()
        browser.mouse("mouseMoved", 1, 1)
        browser.mouse("mouseMoved", *place)
        found = browser.run(TIP)
        expect(name, re.search(pattern, found), f"hovering shows {found!r}, expected is {pattern}")
    browser.mouse("mouseMoved", 1, 1)
    expect(name, browser.run(TIP) == "", "the description stays when the pointer has left")

    for width in (400, 700, 1000, 1600):
        browser.open(path, width=width)
        browser.run("page.views[0].showAll()")
        browser.settle()
        for factor in (1, 0.4):
            browser.run(f"page.views[0].zoom({factor})")
            for drawn, left_out in browser.run(NUMBERS):
                expect(name, drawn == 0 or left_out == 0,
                       f"at {width} pixels, of boxes of one width {drawn} have a number and {left_out} have none")
        browser.run("page.views[0].showAll()")
        browser.settle()
        first, last, end = browser.run(AXIS)
        expect(name, first == "0" and parse(last) > 0.98 * parse(end),
               f"the axis is labelled {first} and {last}, from 0 to {end}")
    print(f"{name}: wheel, keys, buttons, mouse and fingers do what they say; numbers are whole")


def parse(duration):
    units = {"s": 1e9, "ms": 1e6, "µs": 1e3, "ns": 1}
    number, unit = duration.split()
    return float(number) * units[unit]


def check_axis(browser, name, path):
    """The axis stays in sight when the page is scrolled to the last rank."""
    browser.open(path, width=1000, height=500)
    top = browser.run("scrollTo(0, page.views[0].canvas.getBoundingClientRect().bottom + scrollY - 400);"
                      "page.views[0].axis.getBoundingClientRect().top")
    expect(name, browser.run("scrollY") > 100, "the page is too short for this check")
    expect(name, abs(top) < 2, f"the axis is at {top} pixels")
    print(f"{name}: the axis stays in sight")


def check_curves(browser, name, path, titles):
    """Each chart shows values on hovering and by keys, and no text of a chart covers another."""
    for width in (400, 800, 1600):
        browser.open(path, width=width)
        covered = browser.run(COVERED_TEXTS)
        expect(name, not covered, f"at {width} pixels, texts cover each other: {covered}")
    browser.open(path)
    found = browser.run("[...document.querySelectorAll('figure.curves figcaption')].map((one) => one.textContent)")
    for title in titles:
        expect(name, any(title in one for one in found), f"no chart has {title} in its title: {found}")
    for index in range(len(found)):
        x, y = browser.run(
            f"(() => {{ const svg = page.curveViews[{index}].svg; svg.scrollIntoView({{block: 'center'}});"
            "const area = svg.getBoundingClientRect(); return [area.left + area.width / 2, area.top + 60]; })()")
        browser.run("new Promise((done) => setTimeout(done, 100))")
        browser.mouse("mouseMoved", 1, 1)
        browser.mouse("mouseMoved", x, y)
        values = browser.run(TIP)
        expect(name, re.search(r"^\S.* [\d.e-]+\n.+ -?[\d.e-]+", values), f"hovering over {found[index]} shows {values!r}")
        expect(name, browser.run(f"page.curveViews[{index}].svg.querySelectorAll('.cursor').length") == 1,
               "there is no line under the pointer")
    browser.mouse("mouseMoved", 1, 1)
    browser.run("page.curveViews[0].svg.focus(); new Promise((done) => setTimeout(done, 200))")
    browser.press("ArrowRight")
    first = browser.run(TIP)
    browser.press("ArrowRight")
    expect(name, first and browser.run(TIP) not in ("", first), "arrow keys do not move along the curves")
    print(f"{name}: values are shown in {', '.join(found)}")


def check_maps(browser, name, path):
    """Hovering shows a cell's value, and an even cell has not the colour of the ground."""
    browser.open(path)
    for index, pattern in enumerate((r"^layer \d+, device \d+: [\d.]+ × the mean$",) * 2 + (r"^layer \d+, expert \d+: \d+$",)):
        x, y = browser.run(
            f"(() => {{ const view = page.mapViews[{index}]; view.canvas.scrollIntoView({{block: 'center'}});"
            "const area = view.canvas.getBoundingClientRect();"
            "return [area.left + view.left + 2.5 * view.cell, area.top + view.top + 3]; })()")
        browser.mouse("mouseMoved", 1, 1)
        browser.mouse("mouseMoved", x, y)
        found = browser.run(TIP)
        expect(name, re.search(pattern, found), f"hovering over map {index} shows {found!r}")
    for dark in (False, True):
        browser.open(path, dark=dark)
        expect(name, browser.run("page.colour('load4') !== page.colour('ground')"), "even loads are invisible")
        legend = browser.run("document.querySelector('figure.map .legend').textContent")
        expect(name, "mean" in legend and "≥ 5" in legend, f"the legend is {legend!r}")
    print(f"{name}: maps show their values")


def check_table(browser, name, path):
    """A click on a title sorts, the filter filters, and long tables are short at first."""
    browser.open(path)
    said = browser.run("""(() => {
      const table = document.querySelector('.sortable'), filter = table.querySelector('input'), said = {};
      const more = [...table.children].find((one) => one.tagName === 'BUTTON');
      said.short = table.querySelectorAll('tbody tr').length <= 20;
      more.click();
      const column = (index) => [...table.querySelectorAll('tbody tr')].filter((row) => row.cells.length > 1)
        .map((row) => row.cells[index].firstChild.textContent);
      const falls = (list) => list.every((value, i) => i === 0 || +list[i - 1] >= +value);
      const click = (index) => table.querySelectorAll('th button')[index].click();
      said.sorted = falls(column(3));
      click(3); said.sortedUp = falls(column(3).reverse());
      click(2); said.sortedByCount = falls(column(2));
      said.aria = table.querySelectorAll('th')[2].ariaSort === 'descending';
      const names = column(0), wanted = names[0].toUpperCase();
      filter.value = wanted; filter.dispatchEvent(new Event('input'));
      const left = [...table.querySelectorAll('tbody tr')];
      said.filtered = left.length > 0 && left.length < names.length
        && left.every((row) => row.title.toUpperCase().includes(wanted));
      return said;
    })()""")
    wrong = [key for key, value in said.items() if not value]
    expect(name, not wrong, f"the table is not {', '.join(wrong)}")
    print(f"{name}: the table sorts and filters")


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


ANY = "() => true"
PAIR = "(label) => label.parts"
WAITED = "(label, panel) => (panel.notes[label.note] || '').startsWith('waited')"


def check_plans(browser, folder):
    plan = folder / "plan.html"
    contraflow("plan", "--schedule", "dualpipe", "--ranks", 8, "--microbatches", 20, "--format", "html", "-o", plan)
    check_page(browser, "plan", plan, "^DualPipe, 8 ranks, 20 micro-batches")
    figures = browser.run("document.querySelector('dl.figures').textContent")
    expect("plan", all(word in figures for word in ("step", "bubble", "activations")), f"the figures are {figures!r}")
    check_timeline(browser, "plan", plan, {
        ANY: r"^0F0\nstarts at 0, takes 1 ms\nat once", WAITED: r"\nwaited .* for .* of rank \d+",
        PAIR: r"^\d+F\d+ & \d+B\d+\n"})
    contraflow("plan", "--schedule", "dualpipe", "--schedule", "zb-v", "--ranks", 8, "--microbatches", 20, "--format",
               "html", "-o", plan)
    check_page(browser, "plan of two schedules", plan, "^DualPipe, ZB-V, 8 ranks")
    check_timeline(browser, "plan of two schedules", plan, {ANY: "^0F0\n"})
    contraflow("plan", "--schedule", "zb-v", "--ranks", 64, "--microbatches", 128, "--format", "html", "-o", plan)
    check_page(browser, "plan of 64 ranks", plan, "^ZB-V, 64 ranks")
    check_timeline(browser, "plan of 64 ranks", plan, {ANY: "^0F0\n", WAITED: "\nwaited "})
    check_axis(browser, "plan of 64 ranks", plan)


def check_balances(browser, folder):
    loads, stream, page = folder / "loads.json", folder / "stream.json", folder / "balance.html"
    layers = [[(7919 * (64 * layer + expert)) % 997 + 1 for expert in range(64)] for layer in range(12)]
    loads.write_text(json.dumps(layers))
    stream.write_text(json.dumps([[[value + 40 * (window % 3) for value in layer] for layer in layers[:2]]
                                  for window in range(8)]))
    contraflow("balance", loads, "--replicas", 96, "--gpus", 16, "--format", "html", "-o", page)
    check_page(browser, "balance", page, "^loads.json")
    check_maps(browser, "balance", page)
    contraflow("balance", "frontier", loads, "--replicas", 96, "--gpus", 16, "--nodes", 4, "--groups", 8, "--format",
               "html", "-o", page)
    check_page(browser, "balance frontier", page, "^loads.json")
    check_curves(browser, "balance frontier", page, ["Balance"])
    contraflow("balance", "replay", stream, "--replicas", 80, "--gpus", 8, "--max-copies", 16, "--format", "html",
               "-o", page)
    check_page(browser, "balance replay", page, "^stream.json")
    check_curves(browser, "balance replay", page, ["Balance", "copies"])


def check_run(browser, folder):
    data = folder / "text.txt"
    data.write_bytes(text(3000))
    run = Run(folder / "runs", data, "--steps", 3)
    report = run.folder / "report.html"
    check_page(browser, "report of a run", report, "^debug")
    figures = browser.run("document.querySelector('dl.figures').textContent")
    expect("report of a run", all(word in figures for word in ("step", "bubble", "memory", "hidden")),
           f"the figures are {figures!r}")
    rows = browser.run("page.views[0].panels.map((panel) => panel.lanes.length)")
    expect("report of a run", rows == [4, 4], f"measured and planned have {rows} rows")
    check_timeline(browser, "report of a run", report, {ANY: r"^0F0\nstarts at ", PAIR: r"^\d+\w\d+ & \d+\w\d+\n"})
    check_curves(browser, "report of a run", report,
                 ["Loss", "Learning rate", "Gradient norm", "Bubble", "Exposed communication"])

    analysis = folder / "analysis.html"
    contraflow("analyze", run.folder, "--format", "html", "-o", analysis)
    check_page(browser, "analysis of a run", analysis, "^debug")
    shown = browser.run("page.views.filter((view) => view.canvas.checkVisibility()).map((view) => view.panels.map("
                        "(panel) => panel.lanes.length).join()).join('; ')")
    expect("analysis of a run", shown == "4", f"the timelines in sight have {shown} rows")
    height = browser.run("document.documentElement.scrollHeight")
    expect("analysis of a run", height < 4000, f"the page is {height} pixels high")
    top = browser.run("page.views[0].canvas.getBoundingClientRect().top")
    expect("analysis of a run", top < 500, f"the timeline begins at {top} pixels")
    check_timeline(browser, "analysis of a run", analysis, {ANY: r"^\d+F\d+( & \S+)?\nstarts at "})
    browser.open(analysis)
    browser.run("document.querySelector('details').open = true")
    browser.settle()
    expect("analysis of a run", browser.run("page.views[1].canvas.width") > 300, "a rank's lanes do not unfold")
    check_table(browser, "analysis of a run", analysis)


def check_traces(browser, folder):
    analysis = folder / "analysis.html"
    trace = ROOT / "Tests/ProfilerTracesTests/Fixtures/small.json"
    contraflow("analyze", trace, "--format", "html", "-o", analysis)
    check_page(browser, "analysis", analysis, "^small.json")
    check_timeline(browser, "analysis", analysis, {ANY: r"^.+ \(\w+\)\nstarts at .*, takes "})
    trace = folder / "large.json"
    trace.write_text(large_trace(100_000))
    contraflow("analyze", trace, "--format", "html", "-o", analysis)
    check_page(browser, "analysis of 100,000 kernels", analysis, "^large.json")
    check_timeline(browser, "analysis of 100,000 kernels", analysis, {ANY: r"^.+ \(\w+\)\n"})
    check_table(browser, "analysis of 100,000 kernels", analysis)


def main():
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        folder = pathlib.Path(folder)
        # The check itself can fail.
        broken = folder / "broken.html"
        broken.write_text("<script>missing()</script>")
        browser.open(broken)
        expect("browser", browser.console(), "an error in a page's script does not show on the console")
        check_plans(browser, folder)
        check_balances(browser, folder)
        check_run(browser, folder)
        check_traces(browser, folder)


main()
