// Keys at the call-back desk: a digit presses the button that carries it, I ticks who she is, U undoes. Without this
// file every button works as it stands. A key says nothing for a moment after a page has come: it was meant for the one
// before. Who would rather have no keys unticks them; the choice stays in this browser.
"use strict";

const DEAF_MS = 600, OFF = "call-keys-off";
const root = document.documentElement;
const toggle = document.getElementById("shortcuts");
let sent = false;

if (toggle) {
  toggle.checked = localStorage.getItem(OFF) === null;
  toggle.closest("[hidden]").hidden = false;
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}

/** Whether what is pressed is written into a field rather than meant for us. */
function writing(target) {
  return target.matches("textarea, select, input:not([type=checkbox], [type=radio])") || target.isContentEditable;
}

/** Lead to what is missing before a call can be recorded and say what it is; true where something is. */
function missing(key) {
  const form = document.querySelector("form.ending");
  const named = (name) => [...form.querySelectorAll(`[name="${name}"]`)];
  const empty = (...names) => names.flatMap(named).every((field) =>
    field.type === "radio" || field.type === "checkbox" ? !field.checked : !field.value);
  let field = null;
  if ("127".includes(key) && named("identified").length && empty("identified")) [field] = named("identified");
  else if (key === "1" && named("slot").length && empty("slot", "other")) [field] = named("slot");
  else if (key === "3" && empty("later", "call_at")) [field] = named("later");
  const needs = document.getElementById("needs");
  if (needs) needs.textContent = field === null ? "" : needs.dataset[field.name];
  field?.focus();
  return field !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || writing(event.target)) return;
  if (toggle && !toggle.checked) return;
  const key = event.key.toLowerCase();
  if (root.dataset.keys !== "ready" || sent) return;
  if (key === "i") {
    document.querySelector("[name=identified]")?.click();
    return;
  }
  const button = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  if (button.type === "submit" && key !== "u" && missing(key)) return;
  sent = true;
  button.click();
});

const undo = document.querySelector("form.undo");
if (undo) setTimeout(() => undo.remove(), Number(undo.dataset.left) * 1000);
setTimeout(() => { root.dataset.keys = "ready"; }, DEAF_MS);
addEventListener("pageshow", () => { sent = false; });
