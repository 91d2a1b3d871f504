"""The weights of a run, opened by Hugging Face's transformers, are the same model: held-out loss and greedy text.

Trains a few steps with DualPipe on 2 x 2 ranks in float64. The held-out part is a single window, so every figure over it
is the loss of those bytes. Then transformers saves the model itself, and `contraflow generate` reads that.
"""

import pathlib
import shutil
import tempfile

import torch
from contraflow_run import LENGTH, WINDOW, Run, compare, contraflow, text
from transformers import AutoModelForCausalLM

COUNT = 3400
PROMPT = "Contraflow "


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        data = folder / "text.txt"
        data.write_bytes(text(COUNT))
        run = Run(folder / "runs", data, "--steps", 6, "--validation.split", (WINDOW + 0.5) / COUNT)

        model, report = AutoModelForCausalLM.from_pretrained(
            run.weights, dtype=torch.float64, experts_implementation="eager", output_loading_info=True)
        model.eval()
        layers = model.config.num_hidden_layers
        unknown = [key for key in report["unexpected_keys"] if not key.startswith(f"model.layers.{layers}.")]
        if report["missing_keys"] or report["mismatched_keys"] or unknown:
            raise SystemExit(f"transformers does not find every weight in its place: {report}")

        window = torch.tensor([list(text(COUNT)[-WINDOW:])])
        with torch.no_grad():
            logits = model(window[:, :LENGTH]).logits[0]
        loss = torch.nn.functional.cross_entropy(logits, window[0, 1:LENGTH + 1]).item()
        compare("held-out loss after 6 steps", run.steps[-1]["validationLoss"], loss)

        theirs = greedy(model, PROMPT.encode(), 60)
        check_text("greedy text", contraflow_text(run.folder), theirs)

        # What transformers saves has no multi-token prediction; text needs none.
        shutil.rmtree(run.weights)
        model.save_pretrained(run.weights)
        check_text("greedy text of the weights that transformers saved", contraflow_text(run.folder), theirs)


def contraflow_text(folder):
    return contraflow("generate", folder, "--prompt", PROMPT, "--tokens", 60, "--temperature", 0)


def greedy(model, prompt, count):
    tokens = torch.tensor([list(prompt)])
    done = model.generate(
        tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=count, do_sample=False, pad_token_id=0)
    return bytes(done[0].tolist())


def check_text(name, ours, theirs):
    if ours.rstrip(b"\n") != theirs.rstrip(b"\n"):
        raise SystemExit(f"{name}:\n  Contraflow   {ours!r}\n  transformers {theirs!r}")
    print(f"{name}: the same {len(theirs)} bytes")


main()
