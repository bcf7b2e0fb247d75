"""What the search looks at: which regions move freely together, which are worked at once, and where each begins.

You are here to widen the proof. A region at rest is not left out: whatever it owes is done at the first chance, so that
its promises are held in every state of the scene, and moved freely in a scene of its own.
"""

from msgspec import Struct

DOCUMENTS = ("documents",)
WRITTEN_AND_TOLD = ("documents", "told")
CALLED_BACK = ("she is screened", "a report says incomplete_imaging")
SUSPECT = ("she is screened", "a report says suspicious")


class Scene(Struct, frozen=True):
    """One search. `starts` are scripted beginnings by their labels; `news` is how often news may come on top.

    `open_ended`: kinds whose closing lies outside this scene, because the steps that close them are not tried in it.
    """

    name: str
    about: str
    groups: tuple[str, ...]
    starts: tuple[tuple[str, ...], ...]
    at_rest: tuple[str, ...] = ()
    news: int = 0
    open_ended: frozenset[str] = frozenset()


_ALL = (
    Scene(
        name="invited",
        about="due, invited, booked, reminded, came or not, put off, wants none; one round and the next",
        groups=("before",),
        starts=(("she is enrolled",),),
    ),
    Scene(
        name="seen",
        about="an invited round with its examination and result, a cancer found elsewhere meanwhile, death",
        groups=("due", "screened", "cancer_elsewhere", "first_report", "death"),
        starts=(("she is enrolled",),),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="reading",
        about="preliminary, without a category, known cancer; read here, confirmed, placed, with older pictures or not",
        groups=("unclear", "read_here", "plain_report"),
        starts=(("she is screened",),),
        at_rest=WRITTEN_AND_TOLD,
        news=1,
    ),
    Scene(
        name="twice",
        about="two readers who agree or not, change their mind, a third who decides; held; a computer's reading",
        groups=("twice", "told"),
        starts=(("she is screened",),),
        at_rest=DOCUMENTS,
    ),
    Scene(
        name="telling",
        about="letters and reports made, posted, returned; told, seen; two later reports, withdrawn, confirmed",
        groups=("documents", "told", "herself", "amended"),
        starts=(CALLED_BACK, SUSPECT),
        news=2,
    ),
    Scene(
        name="reaching",
        about="the contact ladder to its end, lost, resumed, declined, moved away, dies; told and booked or not",
        groups=("ladder", "told", "pauses", "call_back", "opens_page", "death"),
        starts=((*CALLED_BACK, "the call-back is planned"), SUSPECT),
        at_rest=DOCUMENTS,
    ),
    Scene(
        name="says_no",
        about="she says no to someone who may not take a refusal: a nurse rings, she declines, goes on, or is booked",
        groups=("says_no", "call_back", "pauses"),
        starts=((*CALLED_BACK, "the call-back is planned"),),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="priors",
        about="older pictures asked for, here or not to be had, beside a call-back that they may cancel",
        groups=("read_here", "call_back", "work_up_once"),
        starts=(("she is screened", "a report says incomplete_priors"),),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="called_off",
        about="a call-back booked for one breast, called off by the older pictures that the other waited for",
        groups=("read_here", "call_back_booked"),
        starts=(("she is screened", "one breast is called back, the other waits for older pictures"),),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="work_up",
        about="one finding: planned, two work-up examinations of its side, every answer",
        groups=("call_back_plainly", "work_up"),
        starts=(CALLED_BACK,),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="three_at_screening",
        about="a 3 on a screening examination: its reader is asked for the work-up, never for a wait",
        groups=("call_back_plainly", "work_up_once"),
        starts=(("she is screened", "a report says probably_benign"),),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="reported",
        about="a work-up examination answered, reported, both in either order, and amended once",
        groups=("work_up_once", "first_report_of_work_up", "amended"),
        starts=((*CALLED_BACK, "the call-back is planned"),),
        at_rest=WRITTEN_AND_TOLD,
        news=1,
    ),
    Scene(
        name="technical",
        about="pictures not good enough or not complete: made again, accepted, read",
        groups=("technical", "plain_report"),
        starts=(("she is screened",),),
        at_rest=WRITTEN_AND_TOLD,
        news=1,
    ),
    Scene(
        name="symptoms",
        about="a symptom told before or after a result, something seen beside the breast, what she asks for",
        groups=("symptoms", "plain_report", "herself", "asking"),
        starts=(("she is screened",),),
        at_rest=WRITTEN_AND_TOLD,
        news=2,
    ),
    Scene(
        name="elsewhere",
        about="said to be done elsewhere, care to go elsewhere, taken or not, the result fetched; paused meanwhile",
        groups=("elsewhere", "declined"),
        starts=((*CALLED_BACK, "the call-back is planned"), SUSPECT),
        at_rest=WRITTEN_AND_TOLD,
        news=2,
    ),
    Scene(
        name="tissue",
        about="one finding and two specimens: taken, reported, weighed, planned, told; none needed, not possible",
        groups=("sampling_alone", "not_possible"),
        starts=(SUSPECT,),
        at_rest=("documents", "told", "doctor_told"),
    ),
    Scene(
        name="tissue_again",
        about="one specimen reported three times over, weighed and told in any order between",
        groups=("sampling_once", "pathology"),
        starts=((*SUSPECT, "tissue is taken"),),
        at_rest=WRITTEN_AND_TOLD,
        news=2,
    ),
    Scene(
        name="two_pieces",
        about="two pieces of one finding: reported, weighed, reported anew, in any order",
        groups=("pieces",),
        starts=((*SUSPECT, "tissue is taken", "the pathologist says insufficient",
                 "a conference decides: repeat_biopsy", "tissue is taken"),),
        at_rest=("documents", "told", "diagnosis_told"),
        news=2,
    ),
    Scene(
        name="diagnosis",
        about="a visit for tissue and for results, missed, cancelled; told, referred, seen, treated; paused, dead",
        groups=("sampling_visits", "care_team", "pauses", "death"),
        starts=((*SUSPECT, "tissue is taken", "the pathologist says malignant"), (*SUSPECT, "tissue is taken")),
        at_rest=("documents", "told", "weighed"),
    ),
    Scene(
        name="pairs",
        about="findings of both breasts: two work-up examinations of either, both or no side stated, every answer",
        groups=("work_up_anywhere",),
        starts=(("she is screened", "both breasts are called back", "the call-back is planned"),),
        at_rest=WRITTEN_AND_TOLD,
    ),
    Scene(
        name="pairs_in_tissue",
        about="two findings for tissue, one piece each: every report, weighing and decision",
        groups=("sampling_of_two",),
        starts=(("she is screened", "both breasts are suspicious"),),
        at_rest=("documents", "told", "doctor_told"),
    ),
    Scene(
        name="changed_of_two",
        about="both breasts asked for more: later reports of both or of one, confirmed or not; two of them",
        groups=("amended", "amended_of_one"),
        starts=(("she is screened", "both breasts are called back"),
                ("she is screened", "both breasts are suspicious")),
        at_rest=WRITTEN_AND_TOLD,
        news=2,
    ),
    Scene(
        name="changed",
        about="after a settled answer: corrected, withdrawn, unclear reports, a pathologist's later word; two of them",
        groups=("amended", "pathology_again", "told"),
        starts=(
            ("she is screened", "a report says negative"),
            (*CALLED_BACK, "the call-back is planned", "ultrasound, left", "left finding answered benign"),
            (*SUSPECT, "tissue is taken", "the pathologist says benign", "tissue and pictures agree",
             "she is told what the tissue showed", "her doctor is told what the tissue showed"),
        ),
        at_rest=WRITTEN_AND_TOLD,
        news=2,
    ),
)  # fmt: skip

SCENES = {scene.name: scene for scene in _ALL}
