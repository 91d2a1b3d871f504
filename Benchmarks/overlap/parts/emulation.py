"""Emulated MoE layers: what they take, and what a step of them takes in theory."""
import json
import subprocess

from harness import builds

# Nanoseconds of a chunk of four MoE layers, from the device times of the forward-backward pair in DeepSeek's published
# training profile (H800, expert parallelism over 64 devices).
DEEPSEEK = dict(
    layers=4, forward=35_900_000, inputGradient=58_600_000, weightGradient=23_700_000, forwardExchange=61_500_000,
    backwardExchange=53_000_000)
SHAPE = [1, 256, 512]


def with_share(share):
    """The same layers where exchanges are that share of a chunk's forward and backward, divided among them as before: what
    goes to the experts and back is the same both ways."""
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
    """Seconds of a simulated step, its bubble, and the actions it is made of."""
    output = subprocess.run(
        [builds.OURS[0], "layer-theory", "--ranks", str(ranks)], input=json.dumps(subject), capture_output=True,
        text=True, check=True).stdout
    return {name: time / 1e9 for name, time in json.loads(output).items()}
