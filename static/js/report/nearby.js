// Has somebody reported the same already? Asked while the form is being filled in; what comes back is
// a piece of the form. Nobody waits for it: without an answer the form is what it was.
"use strict";
(() => {
  // The rider's form keeps drafts and has a bar at the thumb; the staff's has neither.
  const R = window.yuanhang && window.yuanhang.report;
  const box = document.getElementById("nearby"), form = box && box.closest("form");
  const said = document.getElementById("nearby-said");
  const ASKED = ["category", "latitude", "longitude", "accuracy", "datum", "place", "grid"];
  const PAUSE_MS = 600, PATIENCE_MS = 10000;
  if (!box || !window.fetch || !window.AbortController) return;
  let timer = 0, asked = "", running = null;

  const chosen = () => (new FormData(form).get("same_as") || "");
  // Until there are rows to choose from, and when they are gone, the choice lies in a hidden field.
  function fold(number) {
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: "same_as", value: number });
    box.textContent = "";
    box.append(kept);
    if (said) said.hidden = true;
  }
  function stop() {
    clearTimeout(timer);
    if (!running) return;
    running.abort();
    running = null;
    asked = "";
  }
  async function ask() {
    const data = new FormData(form), body = new FormData();
    ASKED.forEach((name) => body.append(name, data.get(name) || ""));
    const question = ASKED.map((name) => body.get(name)).join("\n");
    if (question === asked) return;
    stop();
    asked = question;
    // Where nothing can be near there is nothing to ask.
    if (!body.get("category") || !(body.get("latitude") || body.get("place").trim())) {
      fold("");
      return;
    }
    body.append("csrfmiddlewaretoken", data.get("csrfmiddlewaretoken"));
    body.append("same_as", chosen());
    if ("entry" in box.dataset) body.append("entry", "1");
    const mine = running = new AbortController(), limit = setTimeout(() => mine.abort(), PATIENCE_MS);
    let piece = null;
    try {
      const answer = await fetch(box.dataset.nearby, {
        method: "POST",
        body,
        credentials: "same-origin",
        signal: mine.signal,
      });
      if (answer.status === 204) piece = "";
      else if (answer.status === 200) piece = await answer.text();
    } catch (_error) { /* no network: nothing is shown */ }
    clearTimeout(limit);
    if (running !== mine) return;
    running = null;
    if (piece) show(piece);
    else {
      // Without an answer the same may be asked again; a choice made before stays, and the server judges it.
      if (piece === null) asked = "";
      fold(piece === null ? chosen() : "");
    }
  }
  function show(piece) {
    const now = chosen(), focused = box.contains(document.activeElement);
    box.innerHTML = piece;
    const radios = [...box.querySelectorAll("input[type=radio]")];
    // What was chosen while the answer was on its way counts.
    const pick = radios.find((radio) => radio.value === now) || radios[0];
    pick.checked = true;
    if (focused) pick.focus();
    if (!said) return;
    said.textContent = box.firstElementChild.dataset.said;
    said.hidden = false;
    look();
  }
  // The line at the thumb leads there, as long as it is out of sight.
  const eye = said && window.IntersectionObserver ? new IntersectionObserver((seen) => {
    if (box.querySelector("fieldset")) said.hidden = seen[seen.length - 1].isIntersecting;
  }, { threshold: .3 }) : null;
  function look() { if (eye) { eye.unobserve(box); eye.observe(box); } }

  function later() { clearTimeout(timer); timer = setTimeout(ask, PAUSE_MS); }
  form.addEventListener("change", (event) => { if (ASKED.includes(event.target.name)) later(); });
  form.addEventListener("pin-map", later);
  // Sending has the network to itself.
  form.addEventListener("submit", stop);
  // Another report comes into the form.
  if (R) R.nearby = { later, clear() { stop(); asked = ""; fold(""); } };
  later();
})();
