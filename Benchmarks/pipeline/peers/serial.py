"""All micro-batches through all blocks in one process, by plain autograd."""
import torch

from blocks import loss, stack


class Serial:
    def __init__(self, subject):
        self.model = stack(subject["blocks"], subject["shape"][-1])
        self.x = torch.randn(subject["microbatches"], *subject["shape"])
        self.target = torch.randn_like(self.x)

    def prepare(self):
        self.model.zero_grad()

    def run(self):
        for x, target in zip(self.x, self.target):
            loss(self.model(x), target).backward()

    def conclude(self, answer):
        pass
