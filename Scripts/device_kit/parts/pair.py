"""The time of a forward and a backward pass that overlap, with exchanges, beside the time of their computation."""
import json

LIMIT = 30
# DeepSeek's published profile of its training: an overlapped pair beside the computation of its main stream.
DEEPSEEK_RATIO = "1.09 of DeepSeek"


def measure(part):
    part.require_programs()
    output = part.program("pipeline-benchmark", "pair", "--device", part.device, limit=LIMIT).output
    for row in json.loads(output)["rows"]:
        if "exchange" not in row:
            part.report.add("computation alone", row["milliseconds"], "ms per pair")
            continue
        name = f"{row['exchange']}, {'overlapped' if row['isOverlapped'] else 'in turn'}"
        part.report.add(f"{name}: pair", row["milliseconds"], "ms")
        beside = DEEPSEEK_RATIO if row["isOverlapped"] else ""
        part.report.add(f"{name}: pair / computation alone", row["ratio"], beside=beside)
