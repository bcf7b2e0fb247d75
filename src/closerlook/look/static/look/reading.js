/* The reading room's page of one case: keys that rest after a case is shown, places set on the drawing, and the plan
   that follows what is entered. The page does all of it without this file, by its forms. */

const SVG = "http://www.w3.org/2000/svg";

/** Keys 1 to 4 press their buttons: not before the case was on screen for a while, not twice, not while one types. */
function keys(form) {
  let ready = false, pressed = false;
  setTimeout(() => { ready = true; form.dataset.ready = ""; }, Number(form.dataset.lock));
  form.addEventListener("submit", (event) => {
    const early = !ready && ["normal", "benign"].includes(event.submitter?.value);
    if (pressed || early) event.preventDefault();
    else pressed = true;
  });
  addEventListener("pageshow", (event) => { if (event.persisted) pressed = false; });
  document.addEventListener("keydown", (event) => {
    if (!ready || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]")) return;
    const button = form.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (button) { event.preventDefault(); button.click(); }
  });
}

function nipple(places, side) {
  return (side === "left" ? places.dataset.nippleLeft : places.dataset.nippleRight).split(" ").map(Number);
}

/** A press on the drawing becomes clock and distance of the nearer breast. */
function place(form, places, svg, event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
  const side = at.x > 160 ? "left" : "right", [x, y] = nipple(places, side);
  const clock = form.querySelector(`[name="clock_${side}"]`), distance = form.querySelector(`[name="distance_${side}"]`);
  if (!clock) return;
  const hour = Math.round(Math.atan2(at.x - x, y - at.y) / (Math.PI / 6));
  clock.value = String(((hour + 11) % 12 + 12) % 12 + 1);
  const out = Math.hypot(at.x - x, at.y - y) / Number(places.dataset.radius);
  distance.value = String(Math.min(Math.round(out * Number(places.dataset.edgeCm)), 10));
  draw(form, places, svg);
  clock.dispatchEvent(new Event("change", { bubbles: true }));
}

function circle(kind, x, y, r) {
  const made = document.createElementNS(SVG, "circle");
  for (const [name, value] of Object.entries({ class: kind, cx: x, cy: y, r })) made.setAttribute(name, value);
  return made;
}

/** The drawing shows what the fields say, and the words beside it too. */
function draw(form, places, svg) {
  for (const old of svg.querySelectorAll(".ring, .spot")) old.remove();
  const said = [];
  for (const side of ["right", "left"]) {
    const hour = form.querySelector(`[name="clock_${side}"]`)?.value;
    if (!hour) continue;
    const cm = form.querySelector(`[name="distance_${side}"]`).value, [x, y] = nipple(places, side);
    const share = cm === "" ? 0.62 : Math.min(Number(cm) / Number(places.dataset.edgeCm), 1.2);
    const far = share * Number(places.dataset.radius), turn = Number(hour) * Math.PI / 6;
    const cx = x + far * Math.sin(turn), cy = y - far * Math.cos(turn);
    svg.append(circle("ring", cx, cy, 12), circle("spot", cx, cy, 6));
    said.push(`${side === "left" ? "Left" : "Right"} breast, ${hour} o’clock${cm === "" ? "" : `, ${cm} cm from the nipple`}.`);
  }
  const words = places.querySelector("figcaption > p, figcaption > ul");
  const line = document.createElement("p");
  line.textContent = said.join(" ") || places.dataset.unmarked;
  words?.replaceWith(line);
  svg.querySelector("desc").textContent = line.textContent;
}

/** What is entered changes the plan proposed: the page itself is asked for it, and nothing is signed by that. */
function follow(form) {
  let asked = 0;
  const matters = /^(side|kind|clock|edge|reasons)/;
  form.addEventListener("change", async (event) => {
    if (!matters.test(event.target.name)) return;
    const mine = ++asked, body = new FormData(form);
    body.set("do", "propose");
    const answer = await fetch(location.href, { method: "POST", body, redirect: "error" }).catch(() => null);
    if (!answer?.ok || mine !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#plan"), sign = page.querySelector('.case [value="sign"]');
    if (!fresh || mine !== asked) return;
    const old = form.querySelector("#plan"), at = old.contains(document.activeElement) ? document.activeElement.id : "";
    old.replaceWith(fresh);
    form.querySelector('[value="sign"]').textContent = sign.textContent;
    if (at) document.getElementById(at)?.focus();
  });
}

const form = document.querySelector("form.case");
if (form?.dataset.lock) keys(form);
if (form && "whole" in form.dataset) {
  const places = form.querySelector(".places"), svg = places?.querySelector("svg");
  svg?.addEventListener("click", (event) => place(form, places, svg, event));
  form.addEventListener("change", (event) => { if (svg && /^(clock|distance)/.test(event.target.name)) draw(form, places, svg); });
  follow(form);
  (form.querySelector('[role="alert"]') ?? form.querySelector("select"))?.focus();
}
