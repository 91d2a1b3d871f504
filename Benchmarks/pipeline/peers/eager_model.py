"""A DeepSeek-V3-style model in eager PyTorch: latent attention, shared and routed experts, multi-token prediction.

Sizes have the names of Contraflow's recipes. Source: DeepSeek-V3 technical report, 2024.
"""
import torch
import torch.nn.functional as F
from torch import nn


class Linear(nn.Linear):
    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, bias=False)


class Norm(nn.RMSNorm):
    def __init__(self, width):
        super().__init__(width, eps=1e-6)


def rotary_table(c, length):
    dimensions = c["qk_rope_head_dim"]
    frequencies = c["rope_theta"] ** (-torch.arange(0, dimensions, 2, dtype=torch.float64) / dimensions)
    angles = torch.outer(torch.arange(length, dtype=torch.float64), frequencies)
    return angles.cos().float(), angles.sin().float()


def rotate(x, cosines, sines):
    """Rotates the interleaved pairs of [B, S, H, d] by position."""
    even, odd = x.unflatten(-1, (-1, 2)).unbind(-1)
    cosines, sines = cosines[:, None], sines[:, None]
    return torch.stack((even * cosines - odd * sines, even * sines + odd * cosines), -1).flatten(-2)


class LatentAttention(nn.Module):
    def __init__(self, c, length):
        super().__init__()
        self.heads, self.plain, self.rotary = c["num_attention_heads"], c["qk_nope_head_dim"], c["qk_rope_head_dim"]
        self.value, self.rank = c["v_head_dim"], c["kv_lora_rank"]
        self.norm = Norm(c["hidden_size"])
        self.query_down = Linear(c["hidden_size"], c["q_lora_rank"])
        self.query_norm = Norm(c["q_lora_rank"])
        self.query_up = Linear(c["q_lora_rank"], self.heads * (self.plain + self.rotary))
        self.key_value_down = Linear(c["hidden_size"], self.rank + self.rotary)
        self.key_value_norm = Norm(self.rank)
        self.key_value_up = Linear(self.rank, self.heads * (self.plain + self.value))
        self.output = Linear(self.heads * self.value, c["hidden_size"])
        cosines, sines = rotary_table(c, length)
        self.register_buffer("cosines", cosines)
        self.register_buffer("sines", sines)

    def forward(self, x):
        batch, length, _ = x.shape
        h = self.norm(x)
        query = self.query_up(self.query_norm(self.query_down(h))).view(batch, length, self.heads, -1)
        plain, rotary = query.split([self.plain, self.rotary], -1)
        query = torch.cat((plain, rotate(rotary, self.cosines, self.sines)), -1)
        latent, rotary = self.key_value_down(h).split([self.rank, self.rotary], -1)
        rotary = rotate(rotary[:, :, None], self.cosines, self.sines)
        keys_values = self.key_value_up(self.key_value_norm(latent)).view(batch, length, self.heads, -1)
        plain, value = keys_values.split([self.plain, self.value], -1)
        key = torch.cat((plain, rotary.expand(-1, -1, self.heads, -1)), -1)
        mixed = F.scaled_dot_product_attention(
            query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), is_causal=True)
        return x + self.output(mixed.transpose(1, 2).flatten(2))


class SwiGLU(nn.Module):
    def __init__(self, width, inner):
        super().__init__()
        self.up = Linear(width, 2 * inner)
        self.down = Linear(inner, width)

    def forward(self, x):
        gate, value = self.up(x).chunk(2, -1)
        return self.down(F.silu(gate) * value)


class Gate(nn.Module):
    """Sigmoid scores. The bias affects the choice of experts from the best groups, but not their weights."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        self.weight = Linear(c["hidden_size"], c["n_routed_experts"])
        self.register_buffer("bias", torch.zeros(c["n_routed_experts"]))

    def forward(self, x):
        c = self.c
        scores = self.weight(x).sigmoid()
        with torch.no_grad():
            biased = scores + self.bias
            if c["topk_group"] < c["n_group"]:
                grouped = biased.unflatten(-1, (c["n_group"], -1))
                best = grouped.topk(min(2, grouped.shape[-1])).values.sum(-1).topk(c["topk_group"]).indices
                is_open = torch.zeros_like(grouped[..., 0], dtype=torch.bool).scatter_(1, best, True)
                biased = grouped.masked_fill(~is_open[..., None], float("-inf")).flatten(1)
            chosen = biased.topk(c["num_experts_per_tok"]).indices
        weights = scores.gather(1, chosen)
        return chosen, weights / weights.sum(-1, keepdim=True) * c["routed_scaling_factor"], scores


class Experts(nn.Module):
    """Routed experts on rows sorted by expert: one product per expert and projection, all else on all rows at once."""

    def __init__(self, c):
        super().__init__()
        inner = c["moe_intermediate_size"]
        self.up = nn.Parameter(torch.empty(c["n_routed_experts"], 2 * inner, c["hidden_size"]))
        self.down = nn.Parameter(torch.empty(c["n_routed_experts"], c["hidden_size"], inner))

    def forward(self, rows, counts):
        hidden = torch.cat([F.linear(x, up) for x, up in zip(rows.split(counts), self.up.unbind())])
        gate, value = hidden.chunk(2, -1)
        active = F.silu(gate) * value
        return torch.cat([F.linear(x, down) for x, down in zip(active.split(counts), self.down.unbind())])


class ExpertNetwork(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.c = c
        self.gate = Gate(c)
        self.experts = Experts(c)
        self.shared = SwiGLU(c["hidden_size"], c["n_shared_experts"] * c["moe_intermediate_size"])
        self.load = torch.zeros(c["n_routed_experts"])

    def forward(self, h):
        c = self.c
        x = h.flatten(0, 1)
        chosen, weights, scores = self.gate(x)
        flat = chosen.flatten()
        order = flat.argsort(stable=True)
        tokens = order // c["num_experts_per_tok"]
        counts = torch.bincount(flat, minlength=c["n_routed_experts"])
        self.load += counts
        rows = self.experts(x[tokens], counts.tolist()) * weights.flatten()[order, None]
        routed = torch.zeros_like(x).index_add(0, tokens, rows)
        return routed.view_as(h) + self.shared(h), self.balance(chosen, scores, h.shape[0])

    def balance(self, chosen, scores, sequences):
        """The sequence-wise balance loss, summed over sequences."""
        c = self.c
        shares = (scores / scores.sum(-1, keepdim=True)).unflatten(0, (sequences, -1)).mean(1)
        with torch.no_grad():
            hits = torch.zeros_like(scores).scatter_(1, chosen, 1).unflatten(0, (sequences, -1)).mean(1)
            hits *= c["n_routed_experts"] / c["num_experts_per_tok"]
        return (shares * hits).sum()

    @torch.no_grad()
    def adjust(self):
        """Moves the gate's bias against the load."""
        self.gate.bias += self.c["moe_router_bias_update_rate"] * (self.load.mean() - self.load).sign()
        self.load.zero_()


class Layer(nn.Module):
    def __init__(self, c, length, is_dense):
        super().__init__()
        self.attention = LatentAttention(c, length)
        self.norm = Norm(c["hidden_size"])
        self.network = SwiGLU(c["hidden_size"], c["intermediate_size"]) if is_dense else ExpertNetwork(c)
        self.is_dense = is_dense

    def forward(self, x):
        """The next residual stream and the balance loss."""
        x = self.attention(x)
        if self.is_dense:
            return x + self.network(self.norm(x)), 0.0
        routed, balance = self.network(self.norm(x))
        return x + routed, balance


class Model(nn.Module):
    def __init__(self, c, length):
        super().__init__()
        self.c = c
        width, layers = c["hidden_size"], c["num_hidden_layers"]
        self.embedding = nn.Embedding(c["vocab_size"], width)
        self.layers = nn.ModuleList(Layer(c, length, layer < c["first_k_dense_replace"]) for layer in range(layers))
        self.norm = Norm(width)
        self.head = Linear(width, c["vocab_size"])
        if c["num_nextn_predict_layers"]:
            self.next_norm, self.stream_norm = Norm(width), Norm(width)
            self.join = Linear(2 * width, width)
            self.next_layer = Layer(c, length, layers < c["first_k_dense_replace"])
            self.final_norm = Norm(width)
        for parameter in self.parameters():
            if parameter.dim() > 1:
                nn.init.normal_(parameter, std=c["initializer_range"])

    def forward(self, tokens, following, second, targets, sequences):
        """The loss of [B, S] tokens, their next tokens and the tokens after those.

        `targets` and `sequences` are the counts of the whole batch, by which losses are divided.
        """
        c = self.c
        x, balance = self.embedding(tokens), 0.0
        for layer in self.layers:
            x, more = layer(x)
            balance = balance + more
        loss = self.cross_entropy(self.norm(x), following) / targets
        if c["num_nextn_predict_layers"]:
            joined = self.join(torch.cat((self.next_norm(self.embedding(following)), self.stream_norm(x)), -1))
            x, more = self.next_layer(joined)
            balance = balance + more
            second_loss = self.cross_entropy(self.final_norm(x), second) / targets
            loss = loss + c["mtp_loss_scaling_factor"] * second_loss
        return loss + c["aux_loss_alpha"] / sequences * balance

    def cross_entropy(self, x, targets):
        return F.cross_entropy(self.head(x).flatten(0, 1), targets.flatten(), reduction="sum")
