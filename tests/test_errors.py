"""Names that are not registered."""

from zc_bench.errors import ZcBenchError, unknown_name


class TestUnknownName:
    def test_offers_the_closest_name(self):
        assert (
            str(unknown_name("proxy", "swpa", ["swap", "snip"]))
            == "Unknown proxy 'swpa': did you mean 'swap'?"
        )

    def test_overlooks_capitals(self):
        assert "did you mean 'swap'?" in str(unknown_name("proxy", "SWAP", ["swap", "snip"]))

    def test_lists_all_names_in_order_where_none_is_close(self):
        assert (
            str(unknown_name("task", "xyz", ["b", "a"])) == "Unknown task 'xyz': known are: a, b."
        )

    def test_says_so_where_there_are_no_names(self):
        assert str(unknown_name("task", "xyz", [])) == "Unknown task 'xyz': known are: none."

    def test_can_be_mended_by_the_user(self):
        assert isinstance(unknown_name("task", "xyz", []), ZcBenchError)
