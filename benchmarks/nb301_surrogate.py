"""Predict the accuracy of found architectures of NAS-Bench-301 with a model fitted on its table.

    zc-bench search --space nb301 --algorithm swap_nas,random_search --evaluations 60 --seeds 10
    --out FOLDER python benchmarks/nb301_surrogate.py FOLDER [--out docs/images]

The table in `$ZC_BENCH_DATA` holds one architecture in 10^14. NAS-Bench-301 itself answers for the
others with models that were fitted on trained networks, and so do we; but theirs saw about 60,000.
First, our model predicts the table in ten folds, which takes minutes; then, the best architecture
so far at every evaluation of every search. With `--compare`, the models that we did not choose
predict the table, too. Written are `search-nb301.png`, `.pdf` and `.csv`, and
`search-nb301-model.csv` with the errors of prediction.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from surrogate.found import outcomes, read_searches, with_predictions
from surrogate.guides import published_scores
from surrogate.model import CANDIDATES, CHOSEN, out_of_fold, predict, quality
from surrogate.picture import accuracies, draw
from zc_bench._internal.files import explaining, replacing
from zc_bench.errors import ZcBenchError
from zc_bench.figures import regret_data, save
from zc_bench.spaces import space_registry
from zc_bench.tables import load_table
from zc_bench.tasks import task_registry

SPACE, TASK = space_registry["nb301"], task_registry["cifar10"]
STEM = "search-nb301"


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="what `zc-bench search` has written")
    parser.add_argument(
        "--out", type=Path, help="folder of what is written; that of the search unless given"
    )
    parser.add_argument(
        "--compare", action="store_true", help="cross-validate the other models as well"
    )
    options = parser.parse_args()
    models = CANDIDATES if options.compare else {CHOSEN: CANDIDATES[CHOSEN]}
    try:
        searches = read_searches(options.folder)
        table = load_table(SPACE.name)
        truth = np.asarray(table.metrics[TASK.name])
        guides = published_scores(table, TASK.name)
        errors = pd.concat(
            {
                name: quality(truth, out_of_fold(model, table.keys, truth), guides)
                for name, model in models.items()
            },
            names=["model", "rows"],
        )
        found = searches.history["best"].unique().tolist()
        accuracy = dict(
            zip(found, predict(CANDIDATES[CHOSEN], table.keys, truth, found), strict=True)
        )
        history = with_predictions(searches.history, accuracy)
        title = f"{SPACE.name}, {TASK.name}, guided by {searches.guide}"
        data = regret_data(history, float(truth.max()), TASK.metric, title)
        out = options.out or options.folder
        with explaining(out):
            save(draw(data, float(truth.mean()), errors["rmse"].loc[CHOSEN, "all"]), out, STEM)
            for suffix, frame in (("", accuracies(data)), ("-model", errors)):
                with replacing(out / f"{STEM}{suffix}.csv") as path:
                    frame.to_csv(path, float_format="%.6g", lineterminator="\n")
    except ZcBenchError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    print(errors.round(3).to_string(), "\n")
    print(f"Accuracy predicted by '{CHOSEN}', mean and half of the 95 % interval over seeds:")
    print(outcomes(history).round(3).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
