"""DeepSeek's DualPipe on CPUs. Its uses of CUDA are replaced."""
import time

import dualpipe
import torch
import torch.distributed as dist
import torch.nn.functional as F
from dualpipe import WeightGradStore, comm

import blocks
import emulated

torch.cuda.current_device = lambda: torch.device("cpu")
comm.build_from_tensor_shapes = lambda: [
    torch.empty(shape, dtype=comm.TENSOR_DTYPE, requires_grad=True) for shape in comm.TENSOR_SHAPES]


class DeferringProduct(torch.autograd.Function):
    """A product that leaves its weight gradient to DualPipe's store while the store is enabled."""

    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return F.linear(x, weight)

    @staticmethod
    def backward(ctx, gradient):
        x, weight = ctx.saved_tensors

        def add_weight_gradient():
            rows, columns = gradient.flatten(0, -2).T, x.flatten(0, -2)
            if weight.grad is None:
                weight.grad = rows @ columns
            else:
                weight.grad.addmm_(rows, columns)

        if WeightGradStore.enabled:
            WeightGradStore.put(add_weight_gradient)
        else:
            add_weight_gradient()
        return gradient @ weight if ctx.needs_input_grad[0] else None, None


class DeferringLinear(torch.nn.Linear):
    def forward(self, x):
        return DeferringProduct.apply(x, self.weight)


def sleep_backward(sleeper):
    if WeightGradStore.enabled:
        WeightGradStore.put(lambda: sleeper.sleep(1))
        sleeper.sleep(1)
    else:
        sleeper.sleep(2)


class DeepSeekPipeline:
    def __init__(self, subject):
        rank, size = dist.get_rank(), dist.get_world_size()
        share = subject["blocks"] // size
        self.sleeper = None
        if subject["work"] == "sleep":
            self.sleeper = emulated.Sleeper(share * subject["kernel"])
            self.modules = [
                emulated.EmulatedModule(lambda: self.sleeper.sleep(1), lambda: sleep_backward(self.sleeper))
                for _ in range(2)]
        else:
            self.modules = [blocks.stack(share, subject["shape"][-1], DeferringLinear) for _ in range(2)]
        self.pipeline = dualpipe.DualPipe(tuple(self.modules))
        self.shape = tuple(subject["shape"])
        self.microbatches = subject["microbatches"]
        is_end = rank in (0, size - 1)
        batch = torch.randn(self.microbatches // 2 * self.shape[0], *self.shape[1:])
        self.arguments = [batch] if is_end else []
        loss = emulated.loss if self.sleeper else blocks.loss
        self.keywords = dict(criterion=loss, labels=[batch]) if is_end else {}

    def prepare(self):
        dualpipe.set_p2p_tensor_shapes([self.shape])
        dualpipe.set_p2p_tensor_dtype(torch.float32)
        if self.sleeper:
            self.sleeper.reset()
        for module in self.modules:
            module.zero_grad()

    def run(self):
        self.pipeline.step(*self.arguments, num_chunks=self.microbatches, **self.keywords)

    def conclude(self, answer):
        if self.sleeper:
            answer["asked"] += self.sleeper.asked
            answer["taken"] += self.sleeper.taken
            return
        gradients = torch.cat([p.grad.flatten() for module in self.modules for p in module.parameters()])
        dist.barrier()
        start = time.monotonic_ns()
        dist.all_reduce(gradients)
        answer["reductions"].append((time.monotonic_ns() - start) / 1e9)
