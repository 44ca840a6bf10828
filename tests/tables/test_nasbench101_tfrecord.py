"""Files that Google's checksums and Google's Protocol Buffers have written, read by ours."""

import base64
import contextlib
import json
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zc_bench.errors import ZcBenchError
from zc_bench.tables.nasbench101_tfrecord import read
from zc_bench.tables.tfrecord import records

google_crc32c = pytest.importorskip(
    "google_crc32c", reason="an independent library, pip install google-crc32c"
)
pytest.importorskip("google.protobuf", reason="an independent library, pip install protobuf")

CELLS = {"0100": "input,output", "010001000": "input,conv3x3-bn-relu,output"}


def model_metrics(accuracies: Sequence[float]) -> bytes:
    """Encode the message ModelMetrics of google-research/nasbench, whose last evaluation counts."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    pool = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(
        name="metrics.proto", package="nasbench", syntax="proto2"
    )
    field = descriptor_pb2.FieldDescriptorProto
    data = file.message_type.add(name="EvaluationData")
    for number, name in enumerate(
        (
            "current_epoch",
            "training_time",
            "train_accuracy",
            "validation_accuracy",
            "test_accuracy",
        ),
        1,
    ):
        data.field.add(name=name, number=number, type=field.TYPE_DOUBLE, label=field.LABEL_OPTIONAL)
    data.field.add(
        name="checkpoint_path", number=6, type=field.TYPE_STRING, label=field.LABEL_OPTIONAL
    )
    metrics = file.message_type.add(name="ModelMetrics")
    metrics.field.add(
        name="evaluation_data",
        number=1,
        type=field.TYPE_MESSAGE,
        label=field.LABEL_REPEATED,
        type_name=".nasbench.EvaluationData",
    )
    metrics.field.add(
        name="trainable_parameters", number=2, type=field.TYPE_INT32, label=field.LABEL_OPTIONAL
    )
    metrics.field.add(
        name="total_time", number=3, type=field.TYPE_DOUBLE, label=field.LABEL_OPTIONAL
    )
    pool.Add(file)
    message = message_factory.GetMessageClass(pool.FindMessageTypeByName("nasbench.ModelMetrics"))()
    for epoch, accuracy in enumerate(accuracies):
        message.evaluation_data.add(
            current_epoch=epoch,
            training_time=1.5,
            train_accuracy=1.0,
            validation_accuracy=accuracy,
            test_accuracy=0.5,
            checkpoint_path="ckpt",
        )
    message.trainable_parameters, message.total_time = 8_555_530, 3.5
    encoded: bytes = message.SerializeToString()
    return encoded


def row(adjacency: str, accuracy: float, epochs: int = 108, operations: str = "") -> bytes:
    metrics = base64.b64encode(model_metrics((0.1, 0.5, accuracy))).decode()
    return json.dumps(["hash", epochs, adjacency, operations or CELLS[adjacency], metrics]).encode()


def record(data: bytes, length: int | None = None) -> bytes:
    def masked(part: bytes) -> bytes:
        checksum = google_crc32c.value(part)
        return struct.pack(
            "<I", ((checksum >> 15 | checksum << 17 & 0xFFFFFFFF) + 0xA282EAD8) & 0xFFFFFFFF
        )

    size = struct.pack("<Q", len(data) if length is None else length)
    return size + masked(size) + data + masked(data)


def write(folder: Path, rows: Iterable[bytes]) -> Path:
    path = folder / "nasbench_only108.tfrecord"
    path.write_bytes(b"".join(map(record, rows)))
    return path


ROWS = (
    row("0100", 0.90),
    row("010001000", 0.80),
    row("0100", 0.92),
    row("0100", 0.10, epochs=36),
    row("010001000", 0.84),
    row("0100", 0.94),
    row("010001000", 0.85),
)


def test_an_architecture_is_the_mean_of_its_three_runs(tmp_path: Path) -> None:
    one, other = read(write(tmp_path, ROWS))
    assert one[:2] == ("cifar10", "0100 input,output")
    assert one.truth == pytest.approx(92.0)
    assert other[:2] == ("cifar10", "010001000 input,conv3x3-bn-relu,output")
    assert other.truth == pytest.approx(83.0)


def test_a_record_has_its_offset(tmp_path: Path) -> None:
    path = write(tmp_path, (b"abc", b"", b"defgh"))
    assert list(records(path)) == [(0, b"abc"), (19, b""), (35, b"defgh")]


@pytest.mark.parametrize(
    ("place", "fault"),
    [
        (0, "byte 19 has a length that does not match its checksum"),
        (8, "byte 19 has a length that does not match its checksum"),
        (12, "byte 19 does not match its checksum"),
        (-1, "byte 19 does not match its checksum"),
    ],
)
def test_a_damaged_record_is_named(tmp_path: Path, place: int, fault: str) -> None:
    path = write(tmp_path, (b"abc", b"defgh"))
    data = bytearray(path.read_bytes())
    data[19 + place if place >= 0 else place] ^= 0x10
    path.write_bytes(data)
    with pytest.raises(
        ZcBenchError, match=rf"nasbench_only108.tfrecord: the record at {fault}\. Get the file anew"
    ):
        list(records(path))


@pytest.mark.parametrize("length", [2**40, 2**64 - 1])
def test_a_length_beyond_the_file_takes_no_memory(tmp_path: Path, length: int) -> None:
    path = write(tmp_path, (b"abc",))
    path.write_bytes(path.read_bytes() + record(b"", length))
    with pytest.raises(ZcBenchError, match="the record at byte 19 is cut short"):
        list(records(path))


@pytest.mark.parametrize("length", [1, 11, 12, 20])
def test_a_record_that_is_cut_short_is_named(tmp_path: Path, length: int) -> None:
    path = write(tmp_path, (b"abc", b"defgh"))
    path.write_bytes(path.read_bytes()[: 19 + length])
    with pytest.raises(ZcBenchError, match="the record at byte 19 is cut short"):
        list(records(path))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"{", "not of NAS-Bench-101's form"),
        (b"[1, 2]", "not enough values"),
        (b'["h", 108, "0100", "input,output", 3]', "not of NAS-Bench-101's form"),
        (b'["h", 108, "0100", "input,output", ""]', "there is no evaluation"),
        (b'["h", 108, "0100", "input,output", "CgA="]', "no validation accuracy from 0 to 1"),
        (row("0100", 90.0), "no validation accuracy from 0 to 1"),
        (row("0100", float("nan")), "no validation accuracy from 0 to 1"),
    ],
)
def test_a_record_of_another_form_is_named(tmp_path: Path, data: bytes, fault: str) -> None:
    with pytest.raises(
        ZcBenchError, match=f"the record at byte 0 is not of NAS-Bench-101's form .*{fault}|{fault}"
    ):
        list(read(write(tmp_path, [data])))


def test_a_missing_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ZcBenchError, match="has 2 of 3 runs of '0100 input,output', and 1 more"):
        list(read(write(tmp_path, [ROWS[0], ROWS[1], ROWS[2]])))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=60), st.booleans())
def test_random_bytes_give_our_error_or_nothing(tmp_path: Path, data: bytes, framed: bool) -> None:
    path = tmp_path / "random.tfrecord"
    path.write_bytes(record(data) if framed else data)
    with contextlib.suppress(ZcBenchError):
        assert list(read(path)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.integers(0, 10_000), st.integers(1, 255))
def test_every_damaged_byte_is_noticed(tmp_path: Path, place: int, change: int) -> None:
    path = write(tmp_path, ROWS)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= change
    path.write_bytes(data)
    with pytest.raises(ZcBenchError, match="the record at byte"):
        list(read(path))
