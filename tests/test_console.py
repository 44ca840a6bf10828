import pytest

from zc_bench.cli import console


@pytest.mark.parametrize(
    "cell", ["[/x]", "[conv1] is gone", "[bold]", "a [/ b", ":warning:", r"\[x]"]
)
def test_cells_are_text(
    cell: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.out, "width", 200)
    console.show_table({cell: "left"}, [(cell,)], cell)
    console.show_facts({cell: cell})
    assert capsys.readouterr().out.count(cell) == 5
    console.say(cell)
    console.fail(cell)
    assert capsys.readouterr().err.count(cell) == 2


def test_what_is_no_letter_is_spelt_out() -> None:
    assert console.plain("a\x1b[2Jb\udce4\u202ec\n") == "a\\x1b[2Jb\\udce4\\u202ec\n"
