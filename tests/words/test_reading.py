"""Every page and letter is as easy to read as the sixth grade asks, in each language that has a measure."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import translation

from closerlook.portal.parts import State
from tests.words.measure import LIMITS, blocks_of, grade, is_plain
from tests.words.pages import SHIPPED, rendered_by

PARTS = [*State, "around", "beside", "public", "letters"]
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("part", PARTS)
def test_every_text_is_plain(part: str, language: str) -> None:
    with translation.override(language):
        for name, render in rendered_by(part).items():
            for block in blocks_of(render()):
                measured = grade(block.text, language)
                assert is_plain(measured, language), f"{name}: {measured} (limit {LIMITS[language]}): {block.text}"


HARD = {
    "en": "Mammographic examination demonstrated indeterminate microcalcifications necessitating evaluation.",
    "es": "La exploración mamográfica evidenció microcalcificaciones indeterminadas, necesitando evaluación.",
    "fr": "L’examen mammographique a révélé des microcalcifications indéterminées nécessitant évaluation.",
    "ar": " ".join(["كلمة"] * 30) + ".",
}


@pytest.mark.parametrize("language", SHIPPED)
def test_a_hard_text_does_not_pass(language: str) -> None:
    assert not is_plain(grade(HARD[language], language), language)


def test_what_the_law_prescribes_is_left_out_and_nothing_else() -> None:
    page = '<main><h1>Your result is here now</h1><p lang="en">By law alone.</p><p>We saw no sign of it.</p></main>'
    assert [block.text for block in blocks_of(page)] == ["Your result is here now. We saw no sign of it."]


def test_the_table_of_the_reference_page_is_current() -> None:
    done = subprocess.run([sys.executable, "scripts/reading.py", "--check"], check=False, cwd=ROOT)
    assert done.returncode == 0, "run: python scripts/reading.py"
