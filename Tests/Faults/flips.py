"""Flipped bits of checkpoints, and files that do not belong to them. Each is refused by name, and the previous commit
is used.

Many damaged checkpoints stand in one run's folder as later steps, so that one resume judges each of them: the resume
must name each one before it goes on from the undamaged one.
"""

import json
import os
import shutil
import signal
import subprocess

from processes import HANG
from runs import COMMAND, Run, WORKER, inode, numbers

LIMITS = {}
OPTIONS = {
    "model.hidden_size": 16, "model.num_hidden_layers": 2, "model.n_routed_experts": 4, "model.n_group": 2,
    "model.topk_group": 1, "model.intermediate_size": 16, "model.moe_intermediate_size": 8,
    "model.num_nextn_predict_layers": 0, "model.q_lora_rank": 8, "model.kv_lora_rank": 8, "training.steps": 2000,
    "checkpoint.interval": 1, "validation.freq": 0,
}
RANKS = 2
# The checkpoints in a folder, and their first step.
BATCH, FIRST = 500, 1000
RANK_FILE = "rank-0.safetensors"
MANIFEST = "manifest.json"


def crc32c(content, state=0xFFFFFFFF):
    """The register of the checksum after `content`."""
    for byte in content:
        state = TABLE[(state ^ byte) & 255] ^ state >> 8
    return state


def row_of_table(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


TABLE = [row_of_table(byte) for byte in range(256)]


class Manifest:
    """The manifest of a checkpoint, written as if the checkpoint were of another step."""

    def __init__(self, content):
        self.head, _, rest = content.decode().partition('"step":')
        self.tail = "," + rest.split(",", 1)[1].rpartition(',"manifest_crc32c"')[0]
        self.state = crc32c(self.head.encode())

    def content(self, step):
        rest = f'"step":{step}{self.tail}'
        checksum = crc32c(rest.encode(), self.state) ^ 0xFFFFFFFF
        return f'{self.head}{rest},"manifest_crc32c":"{checksum:08x}"}}\n'.encode()


def edited_manifest(content, change):
    """A manifest that is changed together with its checksum."""
    values = json.loads(content)
    del values["manifest_crc32c"]
    change(values)
    body = json.dumps(values, separators=(",", ":"), sort_keys=True, ensure_ascii=False)[:-1].encode()
    return body + f',"manifest_crc32c":"{crc32c(body) ^ 0xFFFFFFFF:08x}"}}\n'.encode()


def stopped(run, steps, old=None):
    """Ends a run after it has trained `steps` steps, and returns its exit status."""
    file = run.folder / "metrics.jsonl"
    run.wait_for(lambda: inode(file) not in (None, old) and run.step_count() >= steps, f"step {steps}")
    run.handle.send(signal.SIGTERM)
    return run.ended()


class Original:
    """An undisturbed run, which is copied with damaged checkpoints of later steps than its last but one."""

    def __init__(self, place):
        run = Run(place, RANKS, OPTIONS)
        if stopped(run, 2) != 143:
            raise SystemExit(f"an undisturbed run failed: {run.last_words()}")
        self.folder = run.folder
        before, self.step = run.commits()
        self.numbers = numbers(run.metrics)
        self.checkpoint, self.last = (run.folder / f"checkpoint/step-{step}" for step in (before, self.step))
        self.manifest = Manifest((self.checkpoint / MANIFEST).read_bytes())
        self.state = (self.checkpoint / RANK_FILE).read_bytes()
        self.header = 8 + int.from_bytes(self.state[:8], "little")
        self.flips = (
            [(RANK_FILE, bit) for bit in range(8 * self.header)]
            + [(MANIFEST, bit) for bit in range(8 * len(self.manifest.content(FIRST)))])

    def copied(self, place):
        """A copy as an interrupted run leaves it: without the last checkpoint and the weights."""
        folder = place / "run"
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns(self.last.name, "weights", "report.html"))
        return folder

    def add(self, folder, step):
        """Adds an undamaged copy of the checkpoint, as one of `step`. Its files are links."""
        own = folder / f"checkpoint/step-{step}"
        own.mkdir()
        for rank in range(RANKS):
            os.link(self.checkpoint / f"rank-{rank}.safetensors", own / f"rank-{rank}.safetensors")
        (own / MANIFEST).write_bytes(self.manifest.content(step))
        return own


def original(bench):
    if not hasattr(bench, "original"):
        bench.original = Original(bench.folder / "original")
    return bench.original


def replace(file, content):
    """Writes a file that may be a link of another one."""
    file.unlink()
    file.write_bytes(content)


def flip(own, name, bit):
    content = bytearray((own / name).read_bytes())
    content[bit // 8] ^= 1 << bit % 8
    replace(own / name, content)


# Kinds of a try: a batch of flips of headers and manifests, of data, of other damage, or of weights.
DATA_BATCHES = {"short": 1, "long": 2}


def header_batches(bench):
    return -(-len(original(bench).flips) // BATCH)


TRIES = {"short": 4, "long": lambda bench: header_batches(bench) + DATA_BATCHES["long"] + 2}


def attempt(bench, number, random):
    own = original(bench)
    batches = 1 if bench.short else header_batches(bench)
    number_of_data = number - batches
    data_batches = DATA_BATCHES["short" if bench.short else "long"]
    if number < batches:
        chosen = random.sample(own.flips, 200) if bench.short else own.flips[number * BATCH:(number + 1) * BATCH]
        return judge_flips(bench, own, chosen, "header and manifest")
    if number_of_data < data_batches:
        bits = range(8 * own.header, 8 * len(own.state))
        chosen = [(RANK_FILE, random.choice(bits)) for _ in range(100 if bench.short else BATCH)]
        return judge_flips(bench, own, chosen, "data")
    if number_of_data == data_batches:
        return judge_other_damage(bench, own)
    return judge_weights(bench, own, random, 3 if bench.short else 40)


def judge_flips(bench, own, chosen, what):
    def damage(folder):
        for step, (name, bit) in enumerate(chosen, FIRST):
            flip(own.add(folder, step), name, bit)
            yield f"step-{step}/{name}", f"bit {bit} of {name}"

    first, last = chosen[0], chosen[-1]
    row = judge(bench, own, damage)
    return row | {"what": f"{len(chosen)} flips of {what}, from {first[0]} bit {first[1]} to {last[0]} bit {last[1]}"}


def judge(bench, own, damage):
    """Resumes a copy of the run. `damage` yields the name that each refusal has, and a description."""
    with bench.place() as place:
        expected = list(damage(own.copied(place)))
        run = Run(place, RANKS, resumes=True)
        status = stopped(run, own.step, inode(run.folder / "metrics.jsonl"))
        said = [line for line in run.text.splitlines() if line.startswith("Warning: ")]
        problems = [f"{what} was not refused by name" for name, what in expected
                    if not any(name in line for line in said)]
        if status != 143:
            problems.append(f"exit status {status}: {run.last_words()[:500]}")
        if numbers(run.metrics)[:own.step] != own.numbers:
            problems.append("metrics differ from an undisturbed run's")
    return {"count": len(expected), "problems": problems[:10] + [f"{len(problems)} problems"] * (len(problems) > 10)}


def judge_other_damage(bench, own):
    """Files that are truncated, longer, swapped, of another checkpoint, missing, or no files."""
    state, other = own.state, (own.last / RANK_FILE).read_bytes()

    def missing(folder):
        (folder / RANK_FILE).unlink()

    def directory(folder):
        missing(folder)
        (folder / RANK_FILE).mkdir()

    def link(folder):
        missing(folder)
        (folder / RANK_FILE).symlink_to(own.checkpoint / RANK_FILE)

    def pipe(folder):
        missing(folder)
        os.mkfifo(folder / RANK_FILE)

    def swapped(folder):
        first, second = folder / RANK_FILE, folder / "rank-1.safetensors"
        first.rename(folder / "x")
        second.rename(first)
        (folder / "x").rename(second)

    def manifest_pipe(folder):
        (folder / MANIFEST).unlink()
        os.mkfifo(folder / MANIFEST)

    def edited(change):
        return lambda folder: replace(folder / MANIFEST, edited_manifest((folder / MANIFEST).read_bytes(), change))

    def model(values):
        values["recipe"] = values["recipe"].replace("hidden_size = 16", "hidden_size = 32")

    def renamed(values):
        values["files"][0]["name"] = f"../step-1/{RANK_FILE}"

    state_files = {
        "one byte shorter": state[:-1], "half": state[:len(state) // 2], "empty": b"", "one byte longer": state + b"\0",
        "4096 bytes longer": state + bytes(4096), "zeros": bytes(len(state)), "another step's": other}
    kinds = [(f"state: {name}", RANK_FILE, lambda folder, content=content: replace(folder / RANK_FILE, content))
             for name, content in state_files.items()]
    kinds += [("state: missing", RANK_FILE, missing), ("state: a folder", RANK_FILE, directory),
              ("state: a link", RANK_FILE, link), ("state: a pipe", RANK_FILE, pipe),
              ("states swapped", "rank-", swapped), ("manifest: a pipe", MANIFEST, manifest_pipe)]
    content = own.manifest.content(FIRST)
    manifests = {
        "empty": b"", "shorter": content[:-1], "longer": content + b"\n", "not JSON": b"{" * 1000,
        "another step's": content}
    kinds += [(f"manifest: {name}", MANIFEST, lambda folder, content=content: replace(folder / MANIFEST, content))
              for name, content in manifests.items()]
    # A manifest with a valid checksum is another program's, or of another run.
    kinds += [("manifest: another version", MANIFEST, edited(lambda values: values.update(version=3))),
              ("manifest: another model", "", edited(model)), ("manifest: a path", "../", edited(renamed))]
    # These end a resume that does not refuse them, so that each is tried alone.
    alone = [[("manifest: no files", "", edited(lambda values: values.update(files=[])))],
             [("manifest: one rank's file", "", edited(lambda values: values.update(files=values["files"][:1])))]]

    def judge_kinds(kinds):
        def damage(folder):
            # The first step is that of `content`, so that the manifest of another step is another one.
            for step, (what, name, change) in enumerate(kinds, FIRST + 1):
                change(own.add(folder, step))
                # A checkpoint of another model is refused as a whole.
                yield f"step-{step}/{name}" if name else f"step-{step} ", what

        return judge(bench, own, damage)

    rows = [judge_kinds(each) for each in ([kinds] if bench.short else [kinds, *alone])]
    return {"what": "files that do not belong to a checkpoint", "count": sum(row["count"] for row in rows),
            "problems": [problem for row in rows for problem in row["problems"]]}


def judge_weights(bench, own, random, count):
    """Flipped bits of saved weights, which `generate` refuses."""
    problems = []
    with bench.place() as place:
        for number in range(count):
            folder = place / f"run-{number}"
            shutil.copytree(own.folder, folder, ignore=shutil.ignore_patterns("checkpoint"))
            file = random.choice(sorted((folder / "weights").iterdir()))
            bit = random.randrange(8 * file.stat().st_size)
            flip(file.parent, file.name, bit)
            done = subprocess.run(
                [COMMAND, "generate", folder, "--tokens", "1"], stdin=subprocess.DEVNULL, capture_output=True,
                text=True, errors="replace", timeout=HANG, env=os.environ | {"CONTRAFLOW_WORKER": str(WORKER)})
            if done.returncode != 1 or f"weights/{file.name}" not in done.stderr:
                problems.append(f"bit {bit} of weights/{file.name}: {done.returncode}: {done.stderr.strip()}")
            shutil.rmtree(folder)
    return {"what": f"{count} flips of weights", "count": count, "problems": problems}
