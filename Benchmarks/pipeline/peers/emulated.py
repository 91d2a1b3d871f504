"""Emulated devices: stages that sleep instead of computing."""
import time

import torch


class Sleeper:
    """Sleeps in units of a stage's F, I or W, and sums the asked and the slept time."""

    def __init__(self, nanoseconds):
        self.unit = nanoseconds
        self.reset()

    def reset(self):
        self.asked = self.taken = 0

    def sleep(self, units):
        start = time.monotonic_ns()
        time.sleep(units * self.unit / 1e9)
        self.asked += units * self.unit
        self.taken += time.monotonic_ns() - start


class Kernel(torch.autograd.Function):
    """Calls `forward_work` in the forward and `backward_work` in the backward. The values do not matter."""

    @staticmethod
    def forward(ctx, x, weight, forward_work, backward_work):
        ctx.backward_work = backward_work
        forward_work()
        return torch.empty_like(x)

    @staticmethod
    def backward(ctx, gradient):
        ctx.backward_work()
        # A contiguous tensor: the gradient of a sum is not contiguous and cannot be sent.
        return torch.empty(gradient.shape), gradient.new_zeros(1), None, None


class EmulatedModule(torch.nn.Module):
    def __init__(self, forward_work, backward_work=lambda: None):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.forward_work, self.backward_work = forward_work, backward_work

    def forward(self, x):
        return Kernel.apply(x, self.weight, self.forward_work, self.backward_work)


def loss(output, _target):
    return output.sum()
