"""Prints the rates of FP8 products whose scales are DeepSeek-V3's, and their deviations, as JSON.

    fp8_products.py cuda|cpu MxNxK…

Each 128 numbers of a row of A, and each 128 x 128 numbers of B, have a float32 scale, as in the DeepSeek-V3 technical
report, 3.3. The layouts are those of PyTorch's tests of scaled products: the scales of A, [M, K/128], and of B,
[K/128, N/128], are stored column by column, and the columns of B's scales are padded to a multiple of 4.
"""
import json
import sys

import torch

BLOCK = 128


def scaled_rows(x):
    """FP8 numbers of [M, K], and their scales [M, K/128], column-major."""
    blocks = x.unflatten(1, (-1, BLOCK)).float()
    scales = blocks.abs().amax(-1) / torch.finfo(torch.float8_e4m3fn).max
    return (blocks / scales[..., None]).flatten(1).to(torch.float8_e4m3fn), scales.t().contiguous().t()


def scaled_blocks(x):
    """FP8 numbers of [N, K], and their scales [K/128, N/128], column-major with columns padded to a multiple of 4."""
    rows = -x.shape[0] % BLOCK
    padded = torch.nn.functional.pad(x, (0, 0, 0, rows))
    blocks = padded.unflatten(1, (-1, BLOCK)).unflatten(0, (-1, BLOCK)).float()
    scales = blocks.abs().amax((1, 3)) / torch.finfo(torch.float8_e4m3fn).max
    numbers = (blocks / scales[:, None, :, None]).flatten(2).flatten(0, 1)[:x.shape[0]].to(torch.float8_e4m3fn)
    return numbers, torch.nn.functional.pad(scales, (0, -scales.shape[1] % 4)).t()


def product(a, b):
    from torch.nn.functional import ScalingType, scaled_mm

    (numbers_a, scales_a), (numbers_b, scales_b) = scaled_rows(a), scaled_blocks(b)
    return lambda: scaled_mm(
        numbers_a, numbers_b.t(), scales_a, ScalingType.BlockWise1x128, scales_b, ScalingType.BlockWise128x128,
        output_dtype=torch.bfloat16)


def seconds(run, count):
    begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    begin.record()
    for _ in range(count):
        run()
    end.record()
    torch.cuda.synchronize()
    return begin.elapsed_time(end) / 1e3 / count


def measure(shape):
    """Returns the rate in TFLOP/s, and the deviation from the product of the unrounded numbers, relative to it."""
    m, n, k = map(int, shape.split("x"))
    a, b = (torch.randn(rows, k, dtype=torch.bfloat16, device="cuda") for rows in (m, n))
    run = product(a, b)
    exact = a.float() @ b.float().t()
    deviation = ((run().float() - exact).norm() / exact.norm()).item()
    seconds(run, 5)
    return 2 * m * n * k / min(seconds(run, 20) for _ in range(3)) / 1e12, deviation


def main():
    if sys.argv[1] == "cpu" or torch.cuda.get_device_capability() != (9, 0):
        print(json.dumps(dict(skipped="needs a device of compute capability 9.0")))
        return
    rates, deviations = zip(*map(measure, sys.argv[2:]))
    print(json.dumps(dict(tflops=rates, deviations=deviations)))


main()
