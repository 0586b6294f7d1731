"""Reads event files of ours with TensorBoard's own package. Arguments: the program write_events, an empty folder."""
import subprocess
import sys

try:
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util
except ImportError as missing:
    print(f"SKIPPED: {missing}; pip install tensorboard")
    sys.exit(0)

program, folder = sys.argv[1:]
subprocess.run([program, folder], check=True)
events = event_accumulator.EventAccumulator(folder, size_guidance={event_accumulator.SCALARS: 0})
events.Reload()

scalars = [(s.step, s.value) for s in events.Scalars("loss")]
wanted = [(step, 1 / (1 + step)) for step in range(7)] + [(step, -step) for step in range(7, 12)]
assert len(scalars) == len(wanted), scalars
for got, want in zip(scalars, wanted):
    assert got[0] == want[0] and abs(got[1] - want[1]) < 1e-6, (got, want)

(image,) = events.Images("picture")
assert (image.step, image.width, image.height) == (1, 4, 5), image
assert image.encoded_image_string.startswith(b"\x89PNG"), image

(histogram,) = events.Histograms("weights")
value = histogram.histogram_value
assert (histogram.step, value.min, value.max, value.num, value.sum, value.sum_squares) == (2, 0, 4, 4, 6, 18), value
assert list(value.bucket_limit) == [2, 4] and list(value.bucket) == [3, 1], value

(text,) = events.Tensors("note")
assert text.step == 3
assert [s.decode() for s in tensor_util.make_ndarray(text.tensor_proto)] == ["grüße"], text
assert events.summary_metadata["note"].plugin_data.plugin_name == "text"
print("passed: scalars, image, histogram, text")
