import pandas as pd
import pytest

from zc_bench.figures import draw_training, save


@pytest.mark.parametrize("epochs", [1, 3, 40])
def test_losses_and_errors_are_drawn(tmp_path, epochs):
    log = pd.DataFrame(
        {
            "epoch": range(1, epochs + 1),
            "training_loss": [3.0 / (1 + i) for i in range(epochs)],
            "validation_loss": [2.0 / (1 + i) for i in range(epochs)],
            "training_accuracy": [50.0] * epochs,
            "validation_accuracy": [25.0 + i for i in range(epochs)],
        }
    )
    figure = draw_training(log, "a network")
    losses, errors = figure.axes
    assert [list(line.get_ydata()) for line in losses.lines] == [
        list(log["training_loss"]),
        list(log["validation_loss"]),
    ]
    training, validation = (list(line.get_ydata()) for line in errors.lines)
    assert training == [50.0] * epochs
    assert validation == [75.0 - i for i in range(epochs)]
    assert errors.get_title("left") == f"validation error in the end {validation[-1]:.2f} %"
    assert errors.get_ylim()[0] == 0
    assert errors.get_ylim()[1] > 75
    assert all(path.stat().st_size for path in save(figure, tmp_path, "training"))
