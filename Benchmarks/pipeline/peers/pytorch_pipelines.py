"""PyTorch's own pipeline schedules, used as its documentation describes."""
import torch
import torch.distributed as dist
from torch.distributed import pipelining

import blocks
import emulated


class EmulatedStage(pipelining.PipelineStage):
    """A stage whose backward passes sleep after the work that PyTorch does for them."""

    sleeper = None

    def backward_one_chunk(self, *arguments, full_backward=True, **keywords):
        super().backward_one_chunk(*arguments, full_backward=full_backward, **keywords)
        self.sleeper.sleep(2 if full_backward else 1)

    def backward_weight_one_chunk(self, *arguments, **keywords):
        super().backward_weight_one_chunk(*arguments, **keywords)
        self.sleeper.sleep(1)


def one_stage(rank, size):
    return [rank]


def looped(rank, size):
    return [rank, size + rank]


def v_shaped(rank, size):
    return [rank, 2 * size - 1 - rank]


SCHEDULES = {
    "pytorch-1f1b": (pipelining.Schedule1F1B, one_stage),
    "pytorch-gpipe": (pipelining.ScheduleGPipe, one_stage),
    "pytorch-interleaved-1f1b": (pipelining.ScheduleInterleaved1F1B, looped),
    "pytorch-zbv": (pipelining.ScheduleZBVZeroBubble, v_shaped),
    "pytorch-dualpipev": (pipelining.ScheduleDualPipeV, v_shaped),
}


class PyTorchPipeline:
    def __init__(self, subject):
        rank, size = dist.get_rank(), dist.get_world_size()
        schedule, placement = SCHEDULES[subject["schedule"]]
        numbers = placement(rank, size)
        count = len(numbers) * size
        share = subject["blocks"] // count
        self.sleeper = None
        if subject["work"] == "sleep":
            self.sleeper = emulated.Sleeper(share * subject["kernel"])
            EmulatedStage.sleeper = self.sleeper
            make, stage_type = lambda: emulated.EmulatedModule(lambda: self.sleeper.sleep(1)), EmulatedStage
        else:
            make, stage_type = lambda: blocks.stack(share, subject["shape"][-1]), pipelining.PipelineStage
        self.modules = [make() for _ in numbers]
        stages = [
            stage_type(module, number, count, torch.device("cpu")) for module, number in zip(self.modules, numbers)]
        loss = emulated.loss if self.sleeper else blocks.loss
        self.schedule = schedule(
            stages[0] if len(stages) == 1 else stages, subject["microbatches"], loss_fn=loss, scale_grads=False)
        batch = torch.randn(subject["microbatches"] * subject["shape"][0], *subject["shape"][1:])
        self.arguments = [batch] if 0 in numbers else []
        self.target = batch if count - 1 in numbers else None

    def prepare(self):
        if self.sleeper:
            self.sleeper.reset()
            EmulatedStage.sleeper = self.sleeper
        for module in self.modules:
            module.zero_grad()

    def run(self):
        self.schedule.step(*self.arguments, target=self.target, return_outputs=False)

    def conclude(self, answer):
        if self.sleeper:
            answer["asked"] += self.sleeper.asked
            answer["taken"] += self.sleeper.taken
        if len(self.modules) > 1:
            answer["order"] = csv(self.schedule.pipeline_order)


def csv(rows):
    """Returns the order of compute as CSV. It is not used for schedules of one stage per rank, which run another order."""
    return "".join(
        ",".join(str(action or "") for action in rows[rank] if "REDUCE_GRAD" not in str(action)) + "\n"
        for rank in sorted(rows))
