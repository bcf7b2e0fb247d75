"""Telling her and her provider: letters made and posted, conversations, her own page, and waits explained."""

from closerlook.pathway import events as ev
from closerlook.pathway import steps as st
from closerlook.pathway.deciding.context import Context, Refused, resumed, text
from closerlook.pathway.events import Event, Kind
from closerlook.pathway.regions import Exam


def explain_wait(step: st.ExplainWait, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    c.need("explain_wait", exam.id)
    if exam.telling.hear_by_on == step.hear_by_on:
        return []
    if step.hear_by_on <= c.protocol(episode).calendar.on(c.now):
        raise Refused("Give her a day that is still to come.")
    return [ev.WaitExplained(occurred_at=c.now, episode=episode.id, exam=exam.id, hear_by_on=step.hear_by_on)]


def prepare(step: st.PrepareDocument, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _result(exam)
    telling = exam.telling
    if step.document is ev.Document.SUMMARY:
        done, ready = telling.summary_sent, telling.summary_file
    else:
        done, ready = telling.provider_told, telling.provider_file
    # One lies ready: a person may print it anew, a second worker may not.
    if done or ready == step.file or (ready is not None and c.actor.kind is Kind.WORKER):
        return []
    return [
        ev.Sending(occurred_at=c.now, episode=episode.id, exam=exam.id, document=step.document, file=step.file),
    ]


def posted(step: st.RecordPosted, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _result(exam)
    proof = text(step.proof, "proof")
    if step.document is ev.Document.SUMMARY:
        if exam.telling.summary_sent:
            return []
        if exam.telling.summary_file is None:
            raise Refused(
                "The current letter has not been printed yet. Print it first, then record that it was posted."
            )
        return [ev.SummarySent(occurred_at=c.now, episode=episode.id, exam=exam.id, proof=proof)]
    if exam.telling.provider_told:
        return []
    if exam.telling.old_report and exam.telling.provider_file is None:
        raise Refused("What was printed is an older result. Print the report of the current one first.")
    to_her = exam.provider is None
    return [ev.ProviderTold(occurred_at=c.now, episode=episode.id, exam=exam.id, proof=proof, to_her=to_her)]


def returned(step: st.RecordReturned, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    if not exam.telling.summary_sent:
        raise Refused("No letter about this result is on its way.")
    return [
        ev.SummaryReturned(occurred_at=c.now, episode=episode.id, exam=exam.id, reason=text(step.reason, "reason")),
    ]


def tell(step: st.TellResult, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam, hers=False)
    telling, gist = exam.telling, exam.reading.gist
    if not telling.change:
        _result(exam)
    if gist is not None and gist.suspect and not c.is_clinical:
        raise Refused("A clinician tells her this result. Ask one, or hand the call over.")
    if step.channel not in (ev.Channel.PHONE, ev.Channel.IN_PERSON):
        raise Refused("Telling her means speaking with her: by phone or in person.")
    if telling.told and not telling.change:
        return resumed(episode, c)
    return [
        *resumed(episode, c),
        ev.ResultTold(occurred_at=c.now, episode=episode.id, exam=exam.id, channel=step.channel),
    ]


def open_result(step: st.OpenResult, c: Context) -> list[Event]:
    episode, exam = c.exam(step.exam)
    _result(exam)
    _asked_to_be_told_first(exam, c)
    seen: list[Event] = []
    if not exam.telling.seen:
        seen.append(ev.ResultSeen(occurred_at=c.now, episode=episode.id, exam=exam.id))
    return resumed(episode, c) + seen


def _asked_to_be_told_first(exam: Exam, c: Context) -> None:
    """Her own wish alone holds a result back from her page, and not beyond the day she named."""
    until = c.patient.wishes.tell_first_until
    gist, telling = exam.reading.gist, exam.telling
    if until is None or telling.told or gist is None or not gist.in_person:
        return
    if c.default.calendar.on(c.now) <= until:
        raise Refused("You asked us to tell you this result ourselves first. Ring us if you would rather open it now.")


def _result(exam: Exam) -> None:
    if exam.result is None:
        raise Refused("There is no confirmed result yet, so nothing can be told or sent.")
