"""The store of the scores of a run: one HDF5 file, and a journal beside it during writing.

A finished trial is one line appended to the journal, so it survives the death of the writer. When
a store is opened for writing or closed, the journal is folded into the HDF5 file, which is written
anew and renamed; a line that was cut short by a crash is no finished trial and is left out. Folding
twice produces the same file, so a crash between renaming and removing the journal does no harm. The
reasons are in docs/decisions/0002-store.md.
"""

from zc_bench.store.backup import copied
from zc_bench.store.contents import AGAIN, Contents, Row, TrialKey, column_name
from zc_bench.store.derived import recorded_regularisations, with_derived
from zc_bench.store.fingerprint import Fingerprints, agree, as_read, grouped
from zc_bench.store.merge import combine, merge
from zc_bench.store.migrate import Agreement, Migration, migrate
from zc_bench.store.reading import read_store
from zc_bench.store.writer import Store

__all__ = [
    "AGAIN",
    "Agreement",
    "Contents",
    "Fingerprints",
    "Migration",
    "Row",
    "Store",
    "TrialKey",
    "agree",
    "as_read",
    "column_name",
    "combine",
    "copied",
    "grouped",
    "merge",
    "migrate",
    "read_store",
    "recorded_regularisations",
    "with_derived",
]
