"""Blocks of two products with a GELU between, as in DeepSeek's example of DualPipe."""
import torch
import torch.nn.functional as F


class Block(torch.nn.Module):
    def __init__(self, width, linear=torch.nn.Linear):
        super().__init__()
        self.up = linear(width, 4 * width, bias=False)
        self.down = linear(4 * width, width, bias=False)

    def forward(self, x):
        return self.down(F.gelu(self.up(x)))


def stack(count, width, linear=torch.nn.Linear):
    return torch.nn.Sequential(*(Block(width, linear) for _ in range(count)))


loss = F.mse_loss
