"""Encodes a prompt and decodes tokens for `contraflow generate`. One JSON object per line comes in and goes out."""

import json
import signal
import sys


def answer(**fields):
    print(json.dumps(fields), flush=True)


class Stream:
    """The text of tokens that arrive one by one. A character may need several tokens."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.ids = []
        # The text of ids[start:shown] is shown. It is decoded again with what follows, because the first token of a
        # text may be decoded in another way, such as without its space.
        self.start = self.shown = 0

    def begin(self, ids):
        self.ids = list(ids)
        self.start, self.shown = max(len(ids) - 8, 0), len(ids)

    def add(self, token):
        self.ids.append(token)
        text = self.rest()
        if not text or text.endswith("\ufffd"):
            return ""
        self.start, self.shown = self.shown, len(self.ids)
        return text

    def rest(self):
        before = self.tokenizer.decode(self.ids[self.start:self.shown])
        return self.tokenizer.decode(self.ids[self.start:])[len(before):]


def main():
    # Ctrl-C ends `contraflow generate`, and with it the input of this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        from tokenizers import Tokenizer
        tokenizer = Tokenizer.from_file(sys.argv[1])
    except Exception as error:
        answer(error=str(error))
        return
    tokenizer.no_truncation()
    tokenizer.no_padding()
    stream = Stream(tokenizer)
    answer(text="")
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "prompt" in request:
            ids = tokenizer.encode(request["prompt"], add_special_tokens=False).ids
            stream.begin(ids)
            answer(ids=ids)
        elif "token" in request:
            answer(text=stream.add(request["token"]))
        else:
            answer(text=stream.rest())


main()
