"""`closerlook chance`, `risk` and `due`: what is published, and what it says about one person. No record is asked."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from closerlook.output import SOME_SET_ASIDE, as_json, show


@click.command()
@click.option("--country", required=True, help="Two letters: US, UK, NL …; UK-ENG, UK-WAL for England, Wales alone.")
@click.option("--age", type=int, help="Her age in years.")
@click.option("--screen", help="first or subsequent.")
@click.option("--density", help="BI-RADS density: a, b, c or d.")
@click.option("--finding", help="Why she was called back: calcifications, mass, one_view_asymmetry …")
@click.option("--modality", help="dm (2D) or dbt (3D).")
@click.option("--prior-images", type=click.Choice(["yes", "no"]), help="Whether earlier pictures were there.")
@as_json
def chance(as_json: bool, country: str, prior_images: str | None, **told: Any) -> None:
    """Say what happened to women like her: published figures, whom they describe, how she differs, and the sources."""
    from closerlook.evidence import telling
    from closerlook.evidence.answers import Question, QuestionError
    from closerlook.evidence.chances import answer, of_100_called_back

    priors = None if prior_images is None else prior_images == "yes"
    try:
        question = Question(country.upper(), prior_images=priors, **told)
    except QuestionError as error:
        raise click.BadParameter(str(error), param_hint=f"--{error.field.replace('_', '-')}") from error
    found, picture = answer(question), of_100_called_back(question)
    if as_json:
        show({"answer": found, "of_100_called_back": picture})
    else:
        click.echo(telling.in_words(found, picture))


@click.command("risk")
@click.option(
    "--csv", "source", metavar="FILE|-", help="A list of women as CSV, - for stdin; the answer is CSV on stdout."
)
@click.option("--age", help="Years, for example 52 or 52.5.")
@click.option("--group", help="For example white, black, hispanic_us_born; not known where it is not given.")
@click.option("--age-at-menarche", help="Years, at her first period.")
@click.option("--age-at-first-birth", help="Years, or none.")
@click.option("--biopsies", help="How many.")
@click.option("--atypical-hyperplasia", help="yes, no or unknown: what a biopsy showed.")
@click.option("--relatives", help="Mother, sisters and daughters with breast cancer: how many.")
@click.option("--earlier-cancer", help="yes or no: breast cancer, DCIS or LCIS.")
@click.option("--known-mutation", help="yes or no: a gene change or hereditary syndrome.")
@click.option("--chest-radiotherapy", help="yes or no.")
@as_json
def risk_of_women(source: str | None, as_json: bool, **given: str | None) -> None:
    """Show the chance of breast cancer within 5 and 10 years and to 90 by the BCRAT (Gail) model, beside the average.

    For one person by options, or for a list. What is not given is not known. Not for whoever was called back: it is not
    her chance given what was seen. Exit 3 where someone was refused; each has her reason.
    """
    from closerlook.evidence import risk_commands as commands

    answers = {name: text for name, text in given.items() if text is not None}
    if source is None:
        if not answers:
            raise click.UsageError("Give --age and what else is known of one woman, or --csv FILE for a list.")
        try:
            found = commands.of_one(answers)
        except ValueError as error:
            raise click.ClickException(str(error)) from error
        if as_json:
            show(found)
        else:
            click.echo(commands.in_words(found))
        some = bool(found["refused"])
    else:
        if answers or as_json:
            raise click.UsageError("--csv goes alone: the answers stand in the list, and the answer is CSV.")
        some = _risk_of_list(source)
    if some:
        raise click.exceptions.Exit(SOME_SET_ASIDE)


def _risk_of_list(source: str) -> bool:
    """Write the answer to a list as it is read; return whether someone in it was refused."""
    from closerlook.evidence import risk_lists as lists

    tally = lists.Tally()
    where = "stdin" if source == "-" else source
    with sys.stdin.buffer if source == "-" else Path(source).open("rb") as stream:
        try:
            for part in lists.table(lists.lines(stream), where, tally):
                sys.stdout.buffer.write(part.encode("utf-8"))
        except lists.ListError as error:
            raise click.ClickException(str(error)) from error
        finally:
            sys.stdout.buffer.flush()
    click.echo(f"{tally.rows} rows, {tally.refused} refused", err=True)
    if tally.like_formulas:
        click.echo(
            f"{tally.like_formulas} ids begin like a formula (= + - @) and are given back unchanged: in a spreadsheet, "
            "import the column id as text.",
            err=True,
        )
    return bool(tally.refused)


RISKS = {
    "prior-cancer": "prior_cancer", "mutation": "known_mutation", "chest-radiation": "chest_radiation",
    "high-risk-lesion": "high_risk_lesion", "high-lifetime-risk": "high_lifetime_risk",
    "family-history": "family_history", "dense": "dense", "symptoms": "symptoms",
}  # fmt: skip


@click.command("due")
@click.option("--body", "name", required=True, help="Whose guideline: uspstf, acs, acog, nhsbsp, ecibc, …")
@click.option("--born", required=True, type=click.DateTime(("%Y-%m-%d",)), help="YYYY-MM-DD.")
@click.option("--last", type=click.DateTime(("%Y-%m-%d",)), multiple=True, help="A day of screening; repeatable.")
@click.option("--risk", type=click.Choice(sorted(RISKS)), multiple=True, help="What is known of her; repeatable.")
@click.option("--sex", type=click.Choice(("female", "male", "unknown")), default="female", help="As assigned at birth.")
@click.option("--both-breasts-absent", is_flag=True, help="There is no breast tissue to screen.")
@click.option("--died", type=click.DateTime(("%Y-%m-%d",)), help="YYYY-MM-DD.")
@click.option("--as-of", type=click.DateTime(("%Y-%m-%d",)), help="Ask for this day instead of today.")
@click.option("--version", "version", help="A version of the guideline; the latest where it is not given.")
@click.option("--allow-secondary", is_flag=True, help="Use rows too that we have only as others quote them.")
@as_json
def due_by_guideline(
    name: str, born: datetime, last: tuple[datetime, ...], risk: tuple[str, ...], sex: str, both_breasts_absent: bool,
    died: datetime | None, as_of: datetime | None, version: str | None, allow_secondary: bool, as_json: bool,
) -> None:  # fmt: skip
    """Show whether a person is due for screening by a body's guideline, when, how, and why, step by step."""
    from closerlook.evidence import due as reasoning
    from closerlook.evidence import guidelines

    facts = dict.fromkeys((RISKS[one] for one in risk), True)
    try:
        found = reasoning.due(
            reasoning.Person(
                born_on=born.date(),
                screened_on=tuple(day.date() for day in last),
                assigned_female={"female": True, "male": False, "unknown": None}[sex],
                both_breasts_absent=both_breasts_absent,
                died_on=died.date() if died else None,
                **facts,
            ),
            name,
            as_of.date() if as_of else datetime.now().astimezone().date(),
            version=version,
            allow_secondary=allow_secondary,
        )
    except (reasoning.PersonError, guidelines.GuidelineError) as error:
        named = {"born_on:": "--born:", "screened_on:": "--last:", "died_on:": "--died:", "today:": "--as-of:"}
        field, _, rest = str(error).partition(" ")
        raise click.ClickException(f"{named.get(field, field)} {rest}") from error
    if as_json:
        show({**msgspec.structs.asdict(found), "steps": reasoning.told(found)})
        return
    for step in found.steps:
        click.echo(reasoning.in_words(step))
    for sentence in guidelines.explain(found.rows):
        click.echo(f"Source: {sentence}")
