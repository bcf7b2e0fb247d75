// The BCRAT (Gail) model in her own browser: what she answers is sent nowhere. The constants stand in the page; the
// method is that of closerlook.evidence.risk, and a test holds the two to one another. Nothing is stored.
"use strict";

const BANDS = 14, BAND_YEARS = 5, FIRST_AGE = 20, CHANGE_AGE = 50;

/** Why an answer is refused, in the order of the page's list; empty where it is not. null stands for "not known". */
export function refused(model, a) {
  const whole = (value, low, high) => value === null || (Number.isInteger(value) && value >= low && value <= high);
  const found = [];
  if (typeof a.age !== "number" || Number.isNaN(a.age) || a.age < 0 || a.age >= 125) found.push("age");
  else if (a.age < model.youngest || a.age > model.oldest) found.push("not_for_her_age");
  if (!(a.group in model.groups)) found.push("group");
  for (const field of ["menarche_age", "first_birth_age", "biopsies", "relatives"]) {
    const value = field === "first_birth_age" && a.first_birth_age === "none" ? null : a[field];
    if (!whole(value, ...model.limits[field])) found.push(field);
  }
  if (!(a.hyperplasia in model.hyperplasia)) found.push("hyperplasia");
  if (found.length === 0) {
    const born = typeof a.first_birth_age === "number" ? a.first_birth_age : null;
    if (a.menarche_age !== null && a.menarche_age > a.age) found.push("menarche_after_age");
    if (born !== null && born > a.age) found.push("birth_after_age");
    if (a.menarche_age !== null && born !== null && a.menarche_age > born) found.push("menarche_after_birth");
    if (a.hyperplasia === "yes" && !a.biopsies) found.push("hyperplasia_no_biopsy");
  }
  if (a.earlier_cancer) found.push("not_for_earlier_cancer");
  if (a.known_mutation) found.push("not_for_mutation");
  if (a.chest_radiotherapy) found.push("not_for_radiotherapy");
  return found;
}

/** The relative risk against the woman of lowest risk, below 50 and from 50 on. Never shown to anyone. */
function relative(model, a) {
  const b = model.groups[a.group].log_rr, hispanic = model.hispanic.includes(a.group);
  const narrow = hispanic || model.asian.includes(a.group);
  let menarche = a.menarche_age === null ? 0 : (a.menarche_age < 14) + (a.menarche_age < 12);
  if (a.group === "black") menarche = Math.min(menarche, 1);
  let biopsies = Math.min(a.biopsies ?? 0, 2);
  const taken = biopsies > 0;
  if (hispanic) biopsies = Math.min(biopsies, 1);
  let birth = 0;
  if (a.first_birth_age === "none") birth = 2;
  else if (a.first_birth_age !== null) {
    const steps = [20, 25, 30].filter((age) => a.first_birth_age >= age).length;
    birth = hispanic ? [0, 1, 1, 2][steps] : steps;
  }
  const relatives = Math.min(a.relatives ?? 0, narrow ? 1 : 2);
  const factor = taken ? model.hyperplasia[a.hyperplasia] : 1;
  const log = menarche * b[0] + biopsies * b[1] + birth * b[2] + relatives * b[3] + birth * relatives * b[5];
  return { young: Math.exp(log) * factor, old: Math.exp(log + biopsies * b[4]) * factor };
}

function absolute(incidence, competing, young, old, start, end) {
  let found = 0, gone = 0;
  for (let band = 0; band < BANDS; band += 1) {
    const begins = FIRST_AGE + band * BAND_YEARS;
    const years = Math.max(0, Math.min(end, begins + BAND_YEARS) - Math.max(start, begins));
    const cancer = incidence[band] * (begins >= CHANGE_AGE ? old : young);
    const either = cancer + competing[band];
    found += (cancer / either) * Math.exp(-gone) * -Math.expm1(-either * years);
    gone += either * years;
  }
  return found;
}

/** Chances from 0 to 1 within five years and to the model's horizon: of women with her answers, and of the average. */
export function risk(model, a) {
  const group = model.groups[a.group], own = relative(model, a), factor = group.one_minus_ar;
  const young = own.young * factor[0], old = own.old * factor[factor.length - 1];
  const hers = (end) => absolute(group.incidence, group.competing, young, old, a.age, end);
  const average = (end) => absolute(group.incidence_average, group.competing_average, 1, 1, a.age, end);
  const { horizon } = model;
  return {
    five_year: hers(a.age + 5), to_90: hers(horizon),
    average_five_year: average(a.age + 5), average_to_90: average(horizon),
  };
}

function number(form, name) {
  const typed = form.querySelector(`#${name}`).value.trim();
  const text = typed.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => digit.charCodeAt(0) & 0xf);
  return text === "" ? null : Number(text.replace(",", "."));
}

function answers(form) {
  const ticked = (name) => form.querySelector(`#${name}`).checked;
  return {
    age: number(form, "age") ?? NaN, group: form.querySelector("#group").value,
    menarche_age: number(form, "menarche_age"),
    first_birth_age: ticked("no_birth") ? "none" : number(form, "first_birth_age"),
    biopsies: number(form, "biopsies"), relatives: number(form, "relatives"),
    hyperplasia: form.querySelector("#hyperplasia").value, earlier_cancer: ticked("earlier_cancer"),
    known_mutation: ticked("known_mutation"), chest_radiotherapy: ticked("chest_radiotherapy"),
  };
}

function show(page, form, model) {
  const given = answers(form), wrong = refused(model, given);
  for (const line of page.querySelectorAll("[data-reason]")) line.hidden = !wrong.includes(line.dataset.reason);
  page.querySelector("#refused").hidden = wrong.length === 0;
  page.querySelector("#result").hidden = wrong.length > 0;
  if (wrong.length === 0) {
    const open = [given.menarche_age, given.first_birth_age, given.biopsies, given.relatives].includes(null);
    page.querySelector("#left-open").hidden = !open && given.group !== "other_or_unknown";
    const found = risk(model, given), language = document.documentElement.lang;
    for (const place of page.querySelectorAll("[data-figure]")) {
      const of = Number(place.dataset.of), share = found[place.dataset.figure] * of;
      const digits = { maximumFractionDigits: share < 10 ? 1 : 0 };
      place.textContent = new Intl.NumberFormat(language, digits).format(share);
    }
  }
  const answer = page.querySelector(wrong.length ? "#refused" : "#result");
  answer.focus();
}

if (typeof document !== "undefined") {
  const page = document.querySelector("#risk"), model = JSON.parse(document.querySelector("#constants").textContent);
  const form = page.querySelector("#answers");
  form.hidden = false;
  page.querySelector("#no-script").hidden = true;
  page.querySelector("#count").addEventListener("click", () => show(page, form, model));
}
