"""Emulated MoE layers: their costs, and the theoretical time of a step."""
import json
import subprocess

from harness import builds

# Nanoseconds per chunk of four MoE layers, from the device times of the forward-backward pair in DeepSeek's published
# training profile (H800, expert parallelism over 64 devices).
DEEPSEEK = dict(
    layers=4, forward=35_900_000, inputGradient=58_600_000, weightGradient=23_700_000, forwardExchange=61_500_000,
    backwardExchange=53_000_000)
SHAPE = [1, 256, 512]


def with_share(share):
    """Returns the same layers with exchanges scaled to the given share of a chunk's forward and backward. The ratio of
    forward to backward exchanges stays the same."""
    compute = DEEPSEEK["forward"] + DEEPSEEK["inputGradient"] + DEEPSEEK["weightGradient"]
    exchanged = DEEPSEEK["forwardExchange"] + DEEPSEEK["backwardExchange"]
    factor = share / (1 - share) * compute / exchanged
    return dict(
        DEEPSEEK, forwardExchange=round(factor * DEEPSEEK["forwardExchange"]),
        backwardExchange=round(factor * DEEPSEEK["backwardExchange"]))


def subject(schedule, microbatches, costs, is_overlapped):
    return dict(
        work="layers", schedule=schedule, microbatches=microbatches, shape=SHAPE,
        layers=dict(costs, isOverlapped=is_overlapped))


def theory(ranks, subject):
    """Returns the seconds of a simulated step, of its bubble and of its kinds of actions."""
    output = subprocess.run(
        [builds.OURS[0], "layer-theory", "--ranks", str(ranks)], input=json.dumps(subject), capture_output=True,
        text=True, check=True).stdout
    return {name: time / 1e9 for name, time in json.loads(output).items()}
