"""The documents: links lead somewhere, the targets of Architecture.md are those of Package.swift, and every command of README.md
and of the examples runs as written and prints what stands there."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parents[2]
COMMANDS = ["README.md", "Examples/OwnSchedule/README.md", "Examples/BalanceExperts/README.md",
            "Examples/AnalyzeTraces/README.md", "Examples/OwnModel/README.md"]
# Goals that .ci/run calls itself, beside this check.
CALLED_ELSEWHERE = {"make test", "make python"}
LIMIT_S = 600


def documents():
    """The paths of all Markdown files of the repository."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [pathlib.Path(line) for line in listed.stdout.splitlines() if (ROOT / line).exists()]


def anchors(text):
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links():
    """Each relative link that leads nowhere."""
    for document in documents():
        text = (ROOT / document).read_text()
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (ROOT / document).parent / path if path else ROOT / document
            if not file.exists():
                yield f"{document}: {target} leads nowhere"
            elif anchor and anchor not in anchors(file.read_text()):
                yield f"{document}: {target} names no heading of {path or document}"


def wrong_targets():
    """Each target whose imports in Architecture.md differ from Package.swift's."""
    package = subprocess.run(["swift", "package", "dump-package"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = [target for target in json.loads(package.stdout)["targets"] if target["type"] in ("regular", "executable")]
    kept = {target["name"] for target in targets if not (target.get("path") or "").startswith(("Tests/", "Examples/", "Benchmarks/"))}
    kept.discard("ContraflowNCCL")
    imports = {}
    for target in targets:
        if target["name"] in kept:
            names = {(dependency.get("byName") or [None])[0] for dependency in target["dependencies"]}
            imports[target["name"]] = names & kept
    rows = re.findall(r"^\| ([\w-]+) \|.*\| *([\w, ]*?) *\|$", (ROOT / "Documentation/Architecture.md").read_text(), re.MULTILINE)
    stated = {name: set(filter(None, cell.split(", "))) for name, cell in rows if name != "target"}
    for name in sorted(imports.keys() | stated.keys()):
        if imports.get(name) != stated.get(name):
            yield f"Architecture.md: {name} imports {sorted(imports.get(name) or [])}, but the table has {sorted(stated.get(name) or [])}"


def commands(text):
    """The commands of a document with the lines printed below them: "$ …" in indented blocks, and make's goals."""
    found = []
    for line in re.sub(r"```.*?```", "", text, flags=re.DOTALL).splitlines():
        if match := re.match(r"    (?:\$ (.*)|(make .*|export .*))$", line):
            found.append((re.sub(r"\s+# .*", "", match[1] or match[2]), []))
        elif found and line.startswith("    "):
            found[-1][1].append(line[4:])
        elif found and line:
            found.append((None, []))
        elif found and found[-1][1]:
            found[-1][1].append("")
    return [(command, "\n".join(lines).strip("\n").splitlines()) for command, lines in found if command]


def pattern(lines, varies):
    """A regular expression for printed lines: "…" stands for any lines; if `varies`, every figure for any other."""
    parts = []
    for line in lines:
        if line == "…":
            parts.append(r"(?:.*\n)*?")
            continue
        text = re.escape(line)
        if varies:
            text = re.sub(r"(?:\d+\\ min\\ )?\d+\\ s\b", r"(?:\\d+ min )?\\d+ s", text)
            text = re.sub(r"(?<!\\)\d+(?:\\\.\d+)?", r"\\d+(?:\\.\\d+)?", text)
            text = re.sub(r"mostly(?:\\ [a-z]+)+", "mostly [a-z ]+", text)
        parts.append(text + r"\n")
    return re.compile("".join(parts), re.MULTILINE)


def wrong_commands():
    """Each command that fails or prints something else than its document says."""
    products = ROOT / ".build/release"
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        for name in ("Documentation", "Examples", "data", ".build"):
            (place / name).symlink_to(ROOT / name)
        home = place / "home"
        home.mkdir()
        # `make train` trains the small preset, because `contraflow train` trains its usual one.
        environment = dict(
            os.environ, HOME=str(home), PRESET="debug", PATH=f"{products}:{ROOT}/.venv-peers/bin:{os.environ['PATH']}")
        for document in COMMANDS:
            for command, lines in commands((ROOT / document).read_text()):
                if command in CALLED_ELSEWHERE or command.startswith("export "):
                    continue
                is_goal = command.startswith("make ")
                done = subprocess.run(
                    command, shell=True, executable="/bin/bash", cwd=ROOT if is_goal else place, env=environment,
                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S)
                if is_goal and (made := re.search(r"steps; (runs/\S+)$", done.stdout, re.MULTILINE)):
                    shutil.rmtree(ROOT / made[1])
                expected = 1 if any(line.startswith("Error: ") for line in lines) else 0
                if done.returncode != expected:
                    yield f"{document}: {command}: exit code {done.returncode}\n{done.stdout[-2000:]}"
                elif lines and not pattern(lines, command == "contraflow train").search(done.stdout):
                    yield f"{document}: {command} prints\n{done.stdout[:2000]}"
                else:
                    print(f"documents: {command}", file=sys.stderr)


faults = [*broken_links(), *wrong_targets(), *wrong_commands()]
print("\n".join(faults) if faults else "documents: links, targets and commands are right")
sys.exit(1 if faults else 0)
