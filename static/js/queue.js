// Queue: on a wide screen a case opens beside the list, and its forms answer in place.
// On a phone, and without this file, links and forms lead to the case page, and the pane stays empty.
"use strict";
(() => {
  const wide = window.matchMedia("(min-width: 1000px)");
  const pane = document.getElementById("case-pane");
  document.documentElement.classList.add("js");

  function mark() {
    const open = pane.querySelector("#case");
    document.querySelectorAll(".case-row").forEach((row) => {
      if (open && row.dataset.number === open.dataset.number) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
  }
  // While no case is open, the pane says in its place what goes on.
  function say(what) {
    pane.querySelectorAll("[data-says]").forEach((words) => { words.hidden = words.dataset.says !== what; });
    pane.setAttribute("aria-busy", String(what === "loading"));
  }
  // The case of a row or link into the pane, as a promise of whether it came.
  let coming = null;
  function load(number, url) {
    // Already on its way: a second answer would wipe out what was begun in the first.
    if (coming && coming.number === number) return coming.end;
    const mine = { number }, ended = () => {
      const open = pane.querySelector("#case");
      if (coming === mine) {
        coming = null;
        say(open ? "nothing" : "failed");
      }
      return Boolean(open) && open.dataset.number === number;
    };
    coming = mine;
    say("loading");
    mine.end = htmx.ajax("GET", url, { target: "#case-pane", swap: "innerHTML" }).then(ended, ended);
    return mine.end;
  }
  function show(number, url) {
    pane.setAttribute("aria-live", "polite");
    return load(number, url).then((came) => {
      if (!came) return;
      const address = new URL(location.href);
      address.searchParams.set("case", number);
      history.replaceState(null, "", address);
      pane.scrollTop = 0;
      const row = document.querySelector(".case-row[aria-current]");
      if (row) row.scrollIntoView({ block: "nearest" });
    });
  }
  // The first case opens by itself, once, as soon as there is room for it: a phone loads nothing
  // that it does not show. The address stays, nothing is read aloud and no focus moves.
  let arriving = false;
  function arrive() {
    if (!wide.matches || !pane.hasAttribute("data-opens-first")) return;
    pane.removeAttribute("data-opens-first");
    const row = document.querySelector(".case-row");
    if (!row) return;
    arriving = true;
    pane.setAttribute("aria-live", "off");
    load(row.dataset.number, row.getAttribute("href")).then(() => { arriving = false; });
  }
  document.addEventListener("click", (event) => {
    if (!wide.matches || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target.closest(".case-row, #case-pane [data-next]");
    if (!link) return;
    event.preventDefault();
    const number = link.dataset.number || link.dataset.next, open = pane.querySelector("#case");
    // It is open already: what was typed and what is playing there go on.
    if (open && open.dataset.number === number) return;
    show(number, link.getAttribute("href"));
  });
  // The forms of the pane are sent by htmx; their plain action is the same address.
  document.body.addEventListener("submit", (event) => {
    const form = event.target.closest("#case-pane .move-form");
    if (!form) return;
    event.preventDefault();
    const buttons = [...form.elements].filter((node) => node.type === "submit");
    if (buttons.some((button) => button.disabled)) return;
    buttons.forEach((button) => { button.disabled = true; });
    // htmx keeps track of the button that was pressed, so a preview stays one (tested).
    htmx.ajax("POST", form.action, { source: form, target: "#case-pane", swap: "innerHTML" });
  }, true);
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    // A form in error (400) or a lost race (409) shows the case again.
    if (![400, 409].includes(event.detail.xhr.status)) return;
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  ["htmx:sendError", "htmx:responseError"].forEach((name) => document.body.addEventListener(name, () => {
    pane.querySelectorAll("[type=submit]").forEach((button) => { button.disabled = false; });
  }));
  // What became of a form is said at the top of the case or beside a field: never out of sight.
  function answered() {
    const said = pane.querySelector("#case > .message, #case > .alert-box:not(#sightings)");
    const place = said || pane.querySelector(".error-summary, [aria-invalid=true], .move-form [role=status]");
    if (said) pane.scrollTop = 0;
    if (!place) return;
    if (!place.matches("input, select, textarea")) place.tabIndex = -1;
    place.focus();
  }

  // --- several at once ----------------------------------------------------------------------
  const chosen = new Set();
  const list = () => document.getElementById("hazard-list");
  function count() {
    const bar = document.getElementById("together");
    if (!bar) return;
    const words = bar.querySelector("[data-words]");
    words.textContent = words.dataset.words.replace("{n}", chosen.size);
    words.hidden = !chosen.size;
    bar.classList.toggle("is-on", chosen.size > 0);
    const all = bar.querySelector("[data-all]");
    all.dataset.all = all.dataset.all || all.textContent;
    all.hidden = !chosen.size;
    all.textContent = everyone() ? all.dataset.none : all.dataset.all;
  }
  const boxes = () => [...list().querySelectorAll("input[name=case]")];
  const everyone = () => boxes().every((box) => chosen.has(box.value));
  document.addEventListener("click", (event) => {
    if (!event.target.matches("[data-all]")) return;
    const on = !everyone();
    boxes().forEach((box) => {
      box.checked = on;
      if (on) chosen.add(box.value);
      else chosen.delete(box.value);
    });
    count();
  });
  // The list comes anew while somebody chooses: what was chosen and is still there stays chosen.
  function choose() {
    const there = new Set();
    boxes().forEach((box) => {
      box.checked = chosen.has(box.value);
      there.add(box.value);
    });
    [...chosen].forEach((number) => { if (!there.has(number)) chosen.delete(number); });
    count();
  }
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.name !== "case" || !box.closest("#hazard-list")) return;
    if (box.checked) chosen.add(box.value);
    else chosen.delete(box.value);
    count();
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === pane) {
      if (!arriving) answered();
    } else {
      choose();
      document.title = list().dataset.title;
    }
    mark();
  });
  window.addEventListener("pageshow", () => {
    // Come back to: the browser may have kept what was ticked.
    list().querySelectorAll("input[name=case]:checked").forEach((box) => chosen.add(box.value));
    count();
  });
  mark();
  // Not before htmx has read its settings, which it does at this event too.
  document.addEventListener("DOMContentLoaded", arrive);
  wide.addListener(arrive); // the only name that Safari before 14 knows
})();
