"""FP8 products with DeepSeek-V3's shapes and scales, by torch, beside the published figures of DeepGEMM."""
from kit.measurement import Skip

LIMIT = 25
# M, N, K and DeepGEMM's TFLOP/s on an H800: github.com/deepseek-ai/DeepGEMM, README at a6d97a1, February 2025.
PUBLISHED = [
    (128, 7168, 2048, 510), (128, 4096, 7168, 533),
    (4096, 2112, 7168, 1058), (4096, 24576, 1536, 990), (4096, 32768, 512, 590),
    (4096, 7168, 16384, 1358), (4096, 4096, 7168, 1304), (4096, 7168, 2048, 1025),
]


def measure(part):
    shapes = [f"{m}x{n}x{k}" for m, n, k, _ in PUBLISHED]
    outcome = part.script("fp8_products", part.device, *shapes, limit=LIMIT)
    if "skipped" in outcome:
        raise Skip(outcome["skipped"])
    part.report.details["deviations"] = outcome["deviations"]
    for (m, n, k, published), rate in zip(PUBLISHED, outcome["tflops"], strict=True):
        part.report.add(f"M={m} N={n} K={k}", rate, "TFLOP/s", beside=f"{published} of DeepGEMM on an H800")
