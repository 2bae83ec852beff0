"""Light around a scene: every light at every setting, and what tells them apart."""

from __future__ import annotations

import numpy as np
import pytest

from mrl_demo.still_life.catalogue import LIGHTS, SETTINGS
from mrl_demo.still_life.lights import LAMPS, environment, exposure


@pytest.mark.parametrize("setting", ["grass", "room"])
@pytest.mark.parametrize("light", LIGHTS)
def test_every_light_is_a_map_of_radiance(light: str, setting: str) -> None:
    sky = environment(light, setting, 32)
    assert sky.shape == (32, 64, 3)
    assert np.isfinite(sky).all() and sky.min() >= 0 and sky.max() > 0.1


def test_evening_is_warm_night_is_blue_and_a_hard_spot_is_neutral() -> None:
    warm, cool, hard = (
        environment(light, "room").mean((0, 1)) for light in ("warm evening", "cool night", "hard spot")
    )
    assert warm[0] > 1.1 * warm[2] and cool[2] > 1.5 * cool[0]
    assert hard.max() < 1.1 * hard.min()


def test_the_hard_spot_has_a_sharp_edge_and_the_night_lamp_a_soft_one() -> None:
    assert LAMPS["hard spot"].even > 0.9 > 0.5 > LAMPS["cool night"].even


def test_pale_ground_is_exposed_less_than_grass() -> None:
    for light in ("warm evening", "cool night", "hard spot"):
        assert exposure(light, "snow") < exposure(light, "grass")
    assert all(abs(exposure(light, setting)) < 1 for light in LIGHTS for setting in SETTINGS)
