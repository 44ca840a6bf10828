"""An experiment: several runs in one file, with their common settings at the top."""

import dataclasses
from dataclasses import dataclass

from zc_bench._internal import toml
from zc_bench.errors import ZcBenchError
from zc_bench.spec import Spec


@dataclass(frozen=True)
class Experiment:
    """Several runs that belong together.

    Attributes:
        runs: one spec per space.
    """

    runs: tuple[Spec, ...]

    def __post_init__(self) -> None:
        """Refuse an experiment without a run, or with two runs of one store."""
        if not self.runs:
            message = (
                'The experiment has no run: add a table [[run]] with space = "nb201", for instance.'
            )
            raise ZcBenchError(message)
        names = [spec.space for spec in self.runs]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            message = f"The experiment names the space {twice!r} twice: put all its tasks into one table [[run]]."
            raise ZcBenchError(message)

    def to_toml(self) -> str:
        """Write the experiment as TOML, every run in full; `from_toml` reads an equal one back."""
        tables = []
        for spec in self.runs:
            plain = dataclasses.asdict(spec)
            protocol = plain.pop("protocol")
            tables.append(
                ["[[run]]", *toml.lines(plain), "", "[run.protocol]", *toml.lines(protocol)]
            )
        return "\n\n".join("\n".join(table) for table in tables) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> "Experiment":
        """Read an experiment: a table [[run]] per space, below defaults for all of them.

        Raises:
            ZcBenchError: if the text is no TOML, a key is unknown, a value has the wrong type, or
                there is no run.
        """
        common = toml.parse(text, "experiment")
        runs = common.pop("run", [])
        if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
            message = f"run = {runs!r} has the wrong type: expected tables, [[run]]."
            raise ZcBenchError(message)
        shared = common.get("protocol", {})
        specs = []
        for run in runs:
            merged = {**common, **run}
            if isinstance(shared, dict) and isinstance(run.get("protocol"), dict):
                merged["protocol"] = {**shared, **run["protocol"]}
            specs.append(toml.read(Spec, merged))
        return cls(tuple(specs))
