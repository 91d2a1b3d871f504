"""The rows of a table: the work of each row, and its measurements."""
from dataclasses import dataclass, field
from statistics import median

from .world import World


@dataclass
class Row:
    name: str
    world: World
    subject: dict
    seconds: list = field(default_factory=list)
    cpu: list = field(default_factory=list)
    reductions: list = field(default_factory=list)
    waits: list = field(default_factory=list)
    transfer_calls: list = field(default_factory=list)
    stretches: list = field(default_factory=list)
    bubbles: list = field(default_factory=list)
    exchanged: int = 0
    hidden: int = 0
    actions: int = 0
    order: str = None

    def measure(self, steps):
        answers = self.world.run(self.subject, steps)
        for step in range(steps):
            # All ranks begin at one moment. A step is over when the last rank has ended.
            begin = min(answer["starts"][step] for answer in answers)
            self.seconds.append((max(answer["ends"][step] for answer in answers) - begin) / 1e9)
            self.cpu.append(sum(answer["cpu"][step] for answer in answers))
            if all(answer["waits"] for answer in answers):
                busy = sum(
                    (answer["ends"][step] - answer["starts"][step]) / 1e9 - answer["waits"][step] for answer in answers)
                self.bubbles.append(1 - busy / len(answers) / self.seconds[-1])
        for answer in answers:
            self.reductions += answer["reductions"]
            self.exchanged += answer.get("exchanged", 0)
            self.hidden += answer.get("hidden", 0)
        asked = sum(answer["asked"] for answer in answers)
        if asked:
            self.stretches.append(sum(answer["taken"] for answer in answers) / asked)
        first = answers[0]
        self.waits += first["waits"]
        self.transfer_calls += first["transferCalls"]
        self.actions = first["actions"]
        self.order = first.get("order")

    @property
    def step(self):
        return median(self.seconds)

    @property
    def cpu_step(self):
        return median(self.cpu)

    @property
    def reduction(self):
        return median(self.reductions) if self.reductions else None

    @property
    def bubble_share(self):
        """The mean share of a step in which a rank waited for others."""
        return median(self.bubbles)

    @property
    def hidden_share(self):
        return self.hidden / self.exchanged

    @property
    def stretch(self):
        """The slept time over the asked time of the kernels of all ranks, in the median round."""
        return median(self.stretches)


def interleave(rows, rounds, steps):
    """Measures all rows in every round, every other round backwards, so that changes of the machine's speed affect all rows.

    One step per row runs first and does not count, so that no row is measured while others are still loading.
    """
    for row in rows:
        row.world.run(row.subject, 1)
    for number in range(rounds):
        for row in rows if number % 2 == 0 else reversed(rows):
            row.measure(steps)


def table(header, alignment, lines):
    print("| " + " | ".join(header) + " |")
    print("|" + "|".join(alignment) + "|")
    for line in lines:
        print("| " + " | ".join(line) + " |", flush=True)
    print(flush=True)
