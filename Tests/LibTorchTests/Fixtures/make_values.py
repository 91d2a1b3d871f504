"""Writes values.json: inputs, outputs and gradients of every tensor operation of CLibTorch, computed by PyTorch.

Run in an environment with torch (the version that the package is built against): python make_values.py

Case names and operation names are the names of the C functions without their prefix `ct_`. One-to-one operations are
computed by PyTorch in the type of the case. Operations that the shim composes (COMPOSED) are computed in float64 from
the same inputs and rounded to that type. Inputs are multiples of 1/8 in [-2, 2], which every type represents exactly.
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

TYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.bfloat16}
NAMES = {dtype: name for name, dtype in TYPES.items()} | {torch.int64: "int64", torch.bool: "bool"}
# Significant digits that identify a value of the type.
DIGITS = {torch.float32: 9, torch.float64: 17, torch.bfloat16: 5}
COMPOSED = {
    "rotate", "attention", "latent_heads", "latent_attention", "cross_entropy", "linear_cross_entropy", "merge", "linear", "experts",
    "adamw", "norm_squared",
}

generator = torch.Generator().manual_seed(20261129)
cases = []


def numbers(*shape, low=-16, high=16):
    """Random multiples of 1/8 as float64."""
    return torch.randint(low, high + 1, shape, generator=generator).double() / 8


def distinct(*shape):
    """Distinct multiples of 1/8 in random order, so that no two elements tie."""
    count = math.prod(shape)
    return (torch.randperm(count, generator=generator) - count // 2).double().reshape(shape) / 8


def integers(values):
    return torch.tensor(values, dtype=torch.int64)


def number(value, digits):
    if math.isinf(value) or math.isnan(value):
        return str(value)
    return float(f"{value:.{digits}g}")


def described(tensor):
    if tensor is None:
        return None
    flat = tensor.detach().reshape(-1)
    if flat.dtype in DIGITS:
        values = [number(value, DIGITS[flat.dtype]) for value in flat.double().tolist()]
    else:
        values = [int(value) for value in flat.tolist()]
    return {"type": NAMES[tensor.dtype], "shape": list(tensor.shape), "values": values}


def case(operation, function, inputs, variant="", types=TYPES, differentiable=True, constants=(), **arguments):
    """Records `function(*inputs, **arguments)` and, if differentiable, the gradients of its first output.

    The inputs with the indices `constants` have no gradient.
    """
    for name in types:
        dtype = TYPES[name]
        exact = torch.float64 if operation in COMPOSED else dtype
        # The shim's cross entropy and heads of reduced types are float32, its norm a float64.
        result = torch.float64 if operation == "norm_squared" else dtype
        if operation.endswith(("cross_entropy", "latent_heads")) and name == "bfloat16":
            result = torch.float32
        given = [t.to(dtype) if t.is_floating_point() else t for t in inputs]
        leaves = [
            t.to(exact).clone().requires_grad_(differentiable and index not in constants)
            if t.is_floating_point() else t for index, t in enumerate(given)
        ]
        outputs = function(*leaves, **arguments)
        outputs = list(outputs) if isinstance(outputs, (tuple, list)) else [outputs]
        entry = {
            "name": " ".join(part for part in (operation, variant, name) if part),
            "operation": operation,
            "type": name,
            "arguments": {
                key: value if isinstance(value, list) else [float(value)] for key, value in arguments.items()
            },
            "inputs": [described(t) for t in given],
            "outputs": [described(t.to(result) if t.is_floating_point() else t) for t in outputs],
        }
        if differentiable:
            seed = numbers(*outputs[0].shape).to(result)
            outputs[0].backward(seed.to(exact))
            entry["seed"] = described(seed)
            entry["gradients"] = [None if t.grad is None else described(t.grad.to(dtype)) for t in leaves]
        cases.append(entry)


def shape_operations():
    case("reshape", lambda x, shape: x.reshape(shape), [numbers(2, 6)], shape=[3, -1])
    case("transpose", lambda x, first, second: x.transpose(first, second), [numbers(2, 3, 2)], first=0, second=-1)
    case("contiguous", lambda x: x.contiguous(), [numbers(2, 3)])
    case(
        "narrow", lambda x, dimension, start, length: x.narrow(dimension, start, length), [numbers(2, 4)],
        dimension=1, start=1, length=2)
    case("expand", lambda x, shape: x.expand(shape), [numbers(2, 1)], shape=[-1, 3])
    case(
        "concatenate", lambda a, b, dimension: torch.cat([a, b], dimension), [numbers(2, 2), numbers(2, 1)],
        dimension=1)
    rows = integers([2, 0, 2])
    case("index_select", lambda x, i, dimension: x.index_select(dimension, i), [numbers(3, 2), rows], dimension=0)
    case(
        "gather", lambda x, i, dimension: x.gather(dimension, i), [numbers(2, 4), integers([[3, 0], [1, 1]])],
        dimension=1)
    case(
        "index_add", lambda x, i, source, dimension: x.index_add(dimension, i, source),
        [numbers(3, 2), rows, numbers(3, 2)], dimension=0)
    case(
        "scatter", lambda x, i, dimension, value: x.scatter(dimension, i, value),
        [numbers(2, 4), integers([[3, 0], [1, 1]])], dimension=1, value=-1.5)


def arithmetic():
    left, right = numbers(2, 3), numbers(3)
    case("add", lambda a, b, scale: torch.add(a, b, alpha=scale), [left, right], "broadcast", scale=-0.5)
    case("multiply", lambda a, b: a * b, [left, numbers(2, 1)], "broadcast")
    case("scale", lambda a, factor: a * factor, [left], factor=1.75)
    case("divide", lambda a, b: a / b, [left, numbers(3, low=4)], "broadcast")
    case("matmul", lambda a, b: a @ b, [numbers(2, 3), numbers(3, 2)], "of matrices")
    case("matmul", lambda a, b: a @ b, [numbers(2, 2, 3), numbers(3, 1)], "of a batch")
    case("sigmoid", torch.sigmoid, [numbers(4)])
    case("silu", F.silu, [numbers(4)])
    case("gelu", F.gelu, [numbers(4)])
    case("softmax", lambda x, dimension: x.softmax(dimension), [numbers(2, 3)], "of rows", dimension=-1)
    case("softmax", lambda x, dimension: x.softmax(dimension), [numbers(2, 3)], "of columns", dimension=0)
    case("sum", lambda x: x.sum(), [numbers(2, 3)])
    for name, function in (("sum_dimension", torch.sum), ("mean_dimension", torch.mean)):
        case(
            name, lambda x, dimension, keeps: function(x, dimension, keepdim=bool(keeps)), [numbers(2, 3)], "kept",
            dimension=1, keeps=1)
        case(
            name, lambda x, dimension, keeps: function(x, dimension, keepdim=bool(keeps)), [numbers(2, 3)], "dropped",
            dimension=0, keeps=0)
    case("sign", torch.sign, [torch.tensor([-1.5, 0, 0.125, 2]).double()])
    case("topk", lambda x, count: x.topk(count), [distinct(2, 5)], count=3)
    mask = torch.tensor([[True, False, True], [False, True, True]])
    case("keep", lambda x, m: x.masked_fill(~m, -math.inf), [numbers(2, 3), mask])
    case("norm_squared", lambda x: (x * x).sum(), [numbers(2, 3)], differentiable=False)
    finite_cases = (("of finite values", [1, -2, 0]), ("with NaN", [1, math.nan]), ("with infinity", [math.inf, 0]))
    for variant, values in finite_cases:
        case("is_finite", lambda x: x.isfinite().all(), [torch.tensor(values).double()], variant, differentiable=False)


def in_place():
    case("add_in_place", lambda a, b, scale: a.add_(b, alpha=scale), [numbers(2, 2), numbers(2, 2)],
         differentiable=False, scale=0.25)
    case("scale_in_place", lambda a, factor: a.mul_(factor), [numbers(2, 2)], differentiable=False, factor=-3)
    case("zero", lambda a: a.zero_(), [numbers(2, 2)], differentiable=False)
    case("copy", lambda a, b: a.copy_(b), [numbers(2, 2), numbers(2)], "broadcast", differentiable=False)

    def adamw(parameters, gradients, first, second, step, lr, beta1, beta2, eps, decay):
        parameters.requires_grad_()
        optimizer = torch.optim.AdamW(
            [parameters], lr=lr, betas=(beta1, beta2), eps=eps, weight_decay=decay, foreach=False)
        parameters.grad = gradients
        state = optimizer.state[parameters]
        state["step"], state["exp_avg"], state["exp_avg_sq"] = torch.tensor(float(step - 1)), first, second
        optimizer.step()
        return parameters, first, second

    state = [numbers(5), numbers(5), numbers(5) / 4, numbers(5, low=0) / 4]
    case("adamw", adamw, state, differentiable=False, step=3, lr=0.01, beta1=0.9, beta2=0.95, eps=1e-8, decay=0.1)


def layers():
    case("embedding", lambda table, i: F.embedding(i, table), [numbers(3, 2), integers([[2, 0], [2, 1]])])
    case(
        "rms_norm", lambda x, w, epsilon: F.rms_norm(x, list(w.shape), w, epsilon), [numbers(2, 4), numbers(4)],
        epsilon=1e-6)

    def rotate(x, cosines, sines):
        pairs = torch.view_as_complex(x.unflatten(-1, (-1, 2)).contiguous())
        return torch.view_as_real(pairs * torch.complex(cosines, sines)[:, None]).flatten(-2)

    case("rotate", rotate, [numbers(1, 2, 2, 4), numbers(2, 2), numbers(2, 2)])

    def attention(q, k, v, scale):
        # Query i of the last S among T keys sees keys 0 ... T - S + i.
        mask = torch.ones(q.shape[-2], k.shape[-2], dtype=torch.bool).tril(k.shape[-2] - q.shape[-2])
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale)

    for variant, length in (("of a whole sequence", 3), ("of the last position", 1)):
        case(
            "attention", attention, [numbers(1, 2, length, 2), numbers(1, 2, 3, 2), numbers(1, 2, 3, 3)], variant,
            scale=0.75)
    case(
        "cross_entropy", lambda x, t: F.cross_entropy(x, t, reduction="sum", ignore_index=-100),
        [numbers(3, 4), integers([1, -100, 3])])
    case("linear", F.linear, [numbers(2, 1, 3), numbers(2, 3)])

    def experts(rows, up, down, factors=1, *, counts):
        outputs = []
        for expert, part in enumerate(rows.split(counts)):
            gate, value = (part @ up[expert].T).chunk(2, -1)
            outputs.append((F.silu(gate) * value) @ down[expert].T)
        return torch.cat(outputs) * factors

    case("experts", experts, [numbers(4, 2), numbers(3, 4, 2), numbers(3, 2, 2)], counts=[3, 0, 1])
    case(
        "experts", experts, [numbers(4, 2), numbers(3, 4, 2), numbers(3, 2, 2), numbers(4, 1)], "with factors",
        counts=[3, 0, 1])

    def latent_heads(queries, keys_values, rotary_keys, cosines, sines):
        rotary = rotary_keys.shape[-1]
        plain = queries.shape[-1] - rotary
        query = torch.cat((queries[..., :plain], rotate(queries[..., plain:], cosines, sines)), -1)
        rotated = rotate(rotary_keys[:, :, None], cosines, sines).expand(-1, -1, queries.shape[2], -1)
        return query, torch.cat((keys_values[..., :plain], rotated), -1), keys_values[..., plain:]

    def padded_heads(*inputs):
        heads = latent_heads(*inputs)
        width = max(head.shape[-1] for head in heads)
        return tuple(F.pad(head, (0, width - head.shape[-1])) for head in heads)

    def latent_attention(*inputs, scale):
        heads = [x.transpose(1, 2) for x in latent_heads(*inputs)]
        return F.scaled_dot_product_attention(*heads, is_causal=True, scale=scale).transpose(1, 2).flatten(2)

    for variant, width in (("of narrow values", 2), ("of equal widths", 5), ("of wide values", 6)):
        case(
            "latent_attention", latent_attention,
            [numbers(2, 3, 2, 5), numbers(2, 3, 2, 3 + width), numbers(2, 3, 2), numbers(3, 1), numbers(3, 1)], variant,
            constants=[3, 4], scale=0.125)
    case(
        "latent_heads", padded_heads,
        [numbers(1, 3, 2, 5), numbers(1, 3, 2, 5), numbers(1, 3, 2), numbers(3, 1), numbers(3, 1)],
        differentiable=False)
    case(
        "linear_cross_entropy", lambda x, w, t: F.cross_entropy(x @ w.T, t, reduction="sum", ignore_index=-100),
        [numbers(3, 2), numbers(4, 2), integers([1, -100, 3])])
    case(
        "merge", lambda rows, places: rows[places].sum(1), [numbers(6, 2), integers([[4, 1], [2, 0], [5, 3]])])
    case(
        "attention", attention, [numbers(2, 2, 2, 3), numbers(1, 1, 4, 3), numbers(1, 1, 4, 2)],
        "of two positions over the keys of one head", scale=0.75)


def gathers():
    """Rows that are gathered once each, and twice each: the third input lists the copies of each row."""
    case("gather_rows", lambda x, i, uses: x[i], [numbers(3, 2), integers([2, 0, 1]), integers([1, 2, 0])], "once")
    case(
        "gather_rows", lambda x, i, uses: x[i], [numbers(2, 2), integers([1, 0, 0, 1]), integers([[2, 1], [3, 0]])],
        "twice")


def making():
    """Operations that read other arguments than tensors of the case's type."""
    exact = torch.tensor([-1.75, 0, 0.3, 1.00390625, 300.0], dtype=torch.float64)
    for name, dtype in (TYPES | {"int64": torch.int64, "bool": torch.bool}).items():
        cases.append({
            "name": f"to_type {name}", "operation": "to_type", "type": name, "arguments": {},
            "inputs": [described(exact)], "outputs": [described(exact.to(dtype))],
        })
        cases.append({
            "name": f"full {name}", "operation": "full", "type": name, "arguments": {"shape": [2, 1], "value": [1.0]},
            "inputs": [], "outputs": [described(torch.full((2, 1), 1.0, dtype=dtype))],
        })
    for name in list(TYPES) + ["int64"]:
        dtype = TYPES.get(name, torch.int64)
        cases.append({
            "name": f"arange {name}", "operation": "arange", "type": name, "arguments": {"count": [4]},
            "inputs": [], "outputs": [described(torch.arange(4, dtype=dtype))],
        })
    for name, dtype in TYPES.items():
        drawn = torch.randn((2, 3), generator=torch.Generator().manual_seed(7), dtype=torch.float64)
        cases.append({
            "name": f"normal {name}", "operation": "normal", "type": name,
            "arguments": {"shape": [2, 3], "seed": [7]}, "inputs": [], "outputs": [described(drawn.to(dtype))],
        })
    case("clone", lambda x: x.clone(), [numbers(2, 2)])


making()
shape_operations()
arithmetic()
in_place()
layers()
gathers()
assert len({entry["name"] for entry in cases}) == len(cases)
lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in cases)
text = '{"torch":%s,"cases":[\n%s\n]}\n' % (json.dumps(torch.__version__.split("+")[0]), lines)
pathlib.Path(__file__).with_name("values.json").write_text(text)
