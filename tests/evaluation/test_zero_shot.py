"""Zero-shot classification: what each dim says, where it stops, and what it refuses."""

from __future__ import annotations

import io

import numpy as np
import pytest

from mrl_demo import ZeroShotClassifier, truncate
from mrl_demo.errors import ImageError, QueryError
from mrl_demo.evaluation.zero_shot import plural, texts_of
from tests.fakes import FakeEncoder, paint

NAMES = ("chair", "mug", "car")


WORDS = {"mug": (1.0, 0.0, 0.6, 0.0), "cup": (1.0, 0.0, -0.6, 0.0), "car": (0.0, 1.0, 0.0, 0.0)}


class Compass:
    """An encoder of words alone: each has a direction of its own; some differ in the later numbers only."""

    full_dim, nested_dims, temperatures = 4, (2, 4), (0.1, 0.1)

    def encode_text(self, text: list[str]) -> np.ndarray:
        rows = [WORDS[one.split()[-1].removesuffix("s")] for one in text]
        return truncate(np.array(rows, np.float32), 4)

    def encode_image(self, image: str) -> np.ndarray:
        return self.encode_text([image])[0]


def test_a_picture_is_what_its_nearest_words_say(fake_encoder: FakeEncoder) -> None:
    classifier = ZeroShotClassifier(fake_encoder, ["a red mug", "a blue chair", "a green mug"])
    for colour, category in (("red", "mug"), ("blue", "chair"), ("green", "mug")):
        said = classifier.predict(paint(colour, category, "", "warm"))
        assert (said.label, said.dim) == (f"a {colour} {category}", 512)
        assert [one.dim for one in said.said] == list(fake_encoder.nested_dims)
        assert said.confidence == said.said[-1].confidence == max(said.said[-1].probabilities)


def test_probabilities_are_shares_of_all_classes_at_every_dim(fake_encoder: FakeEncoder) -> None:
    classifier = ZeroShotClassifier(fake_encoder, NAMES)
    rows = np.random.default_rng(0).standard_normal((5, 512)).astype(np.float32)
    shares = classifier.probabilities(rows)
    assert shares.shape == (7, 5, 3)
    np.testing.assert_allclose(shares.sum(axis=2), 1)
    said = classifier.said(rows)
    np.testing.assert_array_equal(said.answers, shares.argmax(axis=2))


def test_it_stops_at_the_first_dim_that_is_sure_enough() -> None:
    compass = Compass()
    sure = ZeroShotClassifier(compass, ["mug", "cup", "car"], thresholds=0.9)
    assert (sure.predict("car", adaptive=True).dim, sure.predict("car").dim) == (2, 4)
    # Two numbers cannot tell a mug from a cup, and know it; four can.
    mug = sure.predict("mug", adaptive=True)
    assert (mug.label, mug.dim) == ("mug", 4)
    assert mug.said[0].confidence == pytest.approx(0.5, abs=0.01)
    hasty = ZeroShotClassifier(compass, ["mug", "cup", "car"], thresholds=[0.4])
    assert hasty.predict("cup", adaptive=True).dim == 2


def test_thresholds_are_learned_from_labelled_pictures() -> None:
    compass = Compass()
    classifier = ZeroShotClassifier(compass, ["mug", "cup", "car"])
    labels = ["mug", "cup", "car"] * 4
    learned = classifier.learned(compass.encode_text(labels), labels)
    assert learned.thresholds is not None and 0.5 < learned.thresholds[0] <= 1
    assert learned.predict("cup", adaptive=True).label == "cup"
    assert learned.predict("car", adaptive=True).dim == 2
    assert classifier.thresholds is None
    with pytest.raises(QueryError, match="needs thresholds"):
        classifier.predict("car", adaptive=True)


@pytest.mark.parametrize(
    ("names", "said"),
    [(["mug"], "at least two"), (["mug", " "], "no name"), (["mug", " mug"], "named twice: mug")],
)
def test_classes_it_cannot_choose_between_are_refused(
    fake_encoder: FakeEncoder, names: list[str], said: str
) -> None:
    with pytest.raises(QueryError, match=said):
        ZeroShotClassifier(fake_encoder, names)
    with pytest.raises(QueryError, match="need 6 thresholds"):
        ZeroShotClassifier(fake_encoder, NAMES, thresholds=[0.5, 0.5])


def test_a_file_that_is_no_picture_is_refused(fake_encoder: FakeEncoder) -> None:
    buffer = io.BytesIO(b"no picture")
    with pytest.raises(ImageError):
        ZeroShotClassifier(fake_encoder, NAMES).predict(buffer.getvalue())


def test_a_class_is_asked_for_in_the_singular_and_the_plural() -> None:
    assert texts_of("mug") == ("a mug", "mugs")
    assert texts_of("apple") == ("an apple", "apples")
    assert texts_of("hourglass") == ("an hourglass", "hourglasses")
    assert texts_of("unicorn") == ("a unicorn", "unicorns") and texts_of("umbrella")[0] == "an umbrella"
    assert texts_of("red die") == ("a red die", "red dice")
    assert texts_of("a red thing") == ("a red thing",)
    assert [plural(name) for name in ("box", "berry", "toy", "glasses", "bench", "glass")] == [
        "boxes",
        "berries",
        "toys",
        "glasses",
        "benches",
        "glasses",
    ]
