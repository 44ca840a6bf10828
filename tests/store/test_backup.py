"""Starting over keeps what was there."""

from store_writer import COLUMNS, abandon, journal, key, numbers, open_store, score, write


class TestFresh:
    def test_starts_over_and_keeps_the_old_store(self, path):
        write(path, [1])
        with open_store(path, {"protocol": {"batch_size": 8}}, fresh=True) as store:
            assert store.contents.trials == {}
        assert numbers(path) == []
        assert numbers(path.with_name("scores.previous.h5")) == [1]

    def test_keeps_the_journal_of_a_killed_writer_too(self, path):
        abandon(path, [1, 2])
        with open_store(path, fresh=True):
            pass
        assert numbers(path) == []
        assert numbers(path.with_name("scores.previous.h5")) == [1, 2]

    def test_keeps_every_old_store_with_its_own_journal(self, path):
        for number in range(1, 4):
            abandon(path, [number])
            with open_store(path, fresh=True):
                pass
        names = ["scores.previous.h5", "scores.previous-2.h5", "scores.previous-3.h5"]
        assert [numbers(path.with_name(name)) for name in names] == [[1], [2], [3]]
        assert list(path.parent.glob("*.journal")) == []

    def test_keeps_a_journal_that_lost_its_store(self, path):
        write(path, [1])
        with open_store(path, fresh=True) as store:
            store.append(key(2), score(2), COLUMNS)
            kept = journal(path).read_bytes()
        path.unlink()
        journal(path).write_bytes(kept)
        write(path, [3])
        assert numbers(path) == [3]
        assert numbers(path.with_name("scores.previous.h5")) == [1]
        assert path.with_name("scores.previous-2.h5.journal").read_bytes() == kept

    def test_never_gives_a_store_the_journal_of_another(self, path):
        abandon(path, [1])
        path.unlink()
        write(path, [2])
        with open_store(path, fresh=True):
            pass
        assert numbers(path.with_name("scores.previous-2.h5")) == [2]
        assert path.with_name("scores.previous.h5.journal").exists()

    def test_keeps_a_damaged_store_and_its_journal_as_they_are(self, path):
        abandon(path, [1])
        path.write_bytes(b"no store")
        kept = journal(path).read_bytes()
        with open_store(path, fresh=True):
            pass
        previous = path.with_name("scores.previous.h5")
        assert previous.read_bytes() == b"no store"
        assert previous.with_name(f"{previous.name}.journal").read_bytes() == kept

    def test_helps_against_a_damaged_store(self, path):
        path.write_bytes(b"no store")
        with open_store(path, fresh=True):
            pass
        assert numbers(path) == []

    def test_needs_no_old_store(self, path):
        with open_store(path, fresh=True):
            pass
        assert [item.name for item in path.parent.glob("*.h5")] == ["scores.h5"]
