"""What closes each kind of thing owed: in words for the person who looks at it, and as the steps staff take.

You are here to add a loop kind, or to show on a page what would close one. Only evidence closes a loop: where a step
only works it (a call, a booking), the words say what is still needed. The desk offers `STEPS_FOR` in their order.
"""

from closerlook.pathway import steps as st

CLOSED_BY: dict[str, str] = {
    "read": "A signed report of this examination.",
    "explain_wait": "A signed result, or a word with her about the wait and a new day by which she will hear.",
    "await_final": "The signed final report.",
    "confirm_assessment": "A radiologist states the assessment of each breast, or a later report states it surely.",
    "complete_assessment": "A radiologist plans the work-up, or an amended report takes the place of the 3.",
    "place_report": "A radiologist says where this report belongs and what follows from it.",
    "send_summary": "Proof that the summary of her current result was posted or delivered.",
    "post_document": "Someone posts the printed pages and records how that is known.",
    "tell_result": "Someone speaks with her about the result; a letter or a voicemail does not count.",
    "ring_after_seen": "A clinician speaks with her about the result she has opened.",
    "tell_provider": "Proof that her provider has the report, or she the full report where she has no provider.",
    "plan_call_back": "A radiologist decides which further pictures are needed.",
    "book_call_back": "A visit booked with her.",
    "attend_call_back": "Pictures of the breast in question; booking or coming alone does not count.",
    "reach_her": "This attempt recorded, or she is reached in another way.",
    "confirm_lost": "A second person confirms that everything was tried, or starts the attempts again.",
    "get_priors": "A signed reading with the earlier pictures, or a final reading without them.",
    "nurse_call": "Her informed refusal taken by a nurse or physician, her change of mind, or a visit booked.",
    "call_her": "Someone speaks with her, as she asked.",
    "answer_symptom": "A radiologist answers this very symptom; a normal mammogram alone does not.",
    "assess_workup": "A radiologist says for each finding what the further pictures answer.",
    "resolve_abnormal": "A final answer for every finding, from an examination of its own side.",
    "arrange_biopsy": "Tissue taken, the finding resolved, or a named plan where a biopsy is not possible.",
    "surveillance_visit": "She comes for it: a new examination that answers this visit.",
    "confirm_change": "A radiologist accepts the amended report or keeps the earlier one.",
    "tell_change": "Someone speaks with her and says what was wrong in what she was told before.",
    "review_pause": "The round goes on, or the named person looks again and sets a new day.",
    "review_history": "A radiologist signs the round off, or takes up what is still open in it.",
    "resolve_message": "The message taken into her record, or discarded with a reason.",
}
"""For every kind of thing owed, the sentence that answers "what would close it?"."""

STEPS_FOR: dict[str, tuple[type[st.Step], ...]] = {
    "read": (st.RecordReading, st.TakeReport),
    "explain_wait": (st.ExplainWait, st.RecordReading),
    "await_final": (st.RecordReading, st.TakeReport),
    "confirm_assessment": (st.ConfirmAssessment,),
    "complete_assessment": (st.DecideCallBack, st.RecordReading),
    "place_report": (st.PlaceReport,),
    "send_summary": (st.PrepareDocument, st.RecordPosted),
    "post_document": (st.RecordPosted,),
    "tell_result": (st.TellResult, st.RecordContact),
    "ring_after_seen": (st.TellResult, st.RecordContact),
    "tell_provider": (st.PrepareDocument, st.RecordPosted),
    "plan_call_back": (st.DecideCallBack, st.RecordReading),
    "book_call_back": (st.BookVisit, st.RecordContact, st.RecordNoToday, st.RecordDecline),
    "attend_call_back": (
        st.BookVisit, st.MoveVisit, st.CancelVisit, st.RecordAttended, st.RecordMissed, st.TakeExamination,
    ),
    "reach_her": (st.RecordContact, st.TellResult),
    "confirm_lost": (st.ConfirmLost, st.RecordContact),
    "get_priors": (st.RequestPriors, st.ReceivePriors, st.RecordNoPriors, st.RecordReading),
    "nurse_call": (st.RecordDecline, st.RecordChangedMind, st.BookVisit),
    "call_her": (st.RecordSpoken,),
    "answer_symptom": (st.AnswerSymptom,),
    "assess_workup": (st.AssessWorkup,),
    "resolve_abnormal": (st.BookVisit, st.RecordReading, st.AssessWorkup),
    "arrange_biopsy": (),
    "surveillance_visit": (st.TakeExamination,),
    "confirm_change": (st.ConfirmChange, st.RecordReading),
    "tell_change": (st.TellResult, st.RecordContact),
    "review_pause": (st.ReviewPause, st.Resume),
    "review_history": (st.ReviewHistory,),
    "resolve_message": (st.FileMessage, st.DiscardMessage),
}  # fmt: skip
"""The steps that staff take to work or close each kind, most usual first. `arrange_biopsy` has none yet."""
