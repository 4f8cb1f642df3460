// The report form beyond plain HTML: it remembers what is being written, sends it, and hands it to
// the waiting list when the network fails. Without this file the form still works.
"use strict";
(() => {
  const R = window.yuanhang.report, $ = (id) => document.getElementById(id);
  const form = $("report-form"), send = $("send"), status = $("send-status"), errors = $("form-errors");
  const SAVE_MS = 300, OFFER_CANCEL_MS = 2000;
  const OURS = new Set([
    "csrfmiddlewaretoken", "submission_key", "photos", "voice", "body_start", "body_end", "queued_at",
  ]);
  const PLACE = new Set(["latitude", "longitude", "accuracy", "datum", "pinned"]);
  const field = (name) => form.elements[name];
  document.documentElement.classList.add("js");
  document.querySelectorAll(".js-off").forEach((node) => node.remove());

  // --- what the form holds ----------------------------------------------------------------
  // `id` names the record on the phone, `key` the case on the server.
  // Only a page that answers a sent form has to go on with its key: browsers that open a page again
  // may fill in the key that it had, and another tab has that one.
  const isAnswer = Boolean(errors.firstElementChild);
  const first = isAnswer ? field("submission_key").value : R.newId();
  let current = { id: R.newId(), key: first }, letGo = null;
  field("submission_key").value = first;
  let sending = false, keeps = false, saving = Promise.resolve(), timer = 0;
  const media = $("media") ?
  R.media({ changed: () => save(), say, taken: (point) => place.photographed(point) }) :
  { files: () => [], set() {}, settled: () => Promise.resolve() };
  const place = R.place({
    form,
    changed() {
      later();
      if (R.nearby) R.nearby.later();
    },
  });
  const grid = field("grid").value; // may be set by the link that led here
  // Boxes that are ticked on a form nobody has touched.
  const begins = {};
  (form.dataset.begins || "").split(" ").forEach((name) => { if (name) begins[name] = "on"; });

  const isKept = (name) => /_(kept|drop)$/.test(name);
  const hasKept = () => Boolean(form.querySelector(".kept-file [name$=_drop]:not(:checked)"));

  function read() {
    const fields = {};
    new FormData(form).forEach((value, name) => {
      if (OURS.has(name) || typeof value !== "string") return;
      // Files that the server has kept: several keys under one name.
      if (isKept(name)) fields[name] = (fields[name] || []).concat(value);
      else fields[name] = value;
    });
    return fields;
  }
  function write(fields) {
    if (R.nearby) R.nearby.clear();
    // What the server has kept belongs to the report that this page came with.
    form.querySelectorAll(".kept-files").forEach((node) => node.remove());
    [...form.elements].forEach((node) => {
      if (!node.name || OURS.has(node.name)) return;
      if (node.type === "radio") node.checked = fields[node.name] === node.value;
      else if (node.type === "checkbox") node.checked = node.name in fields;
      else node.value = fields[node.name] || "";
      // What was filled in must not hide behind a closed fold.
      if (fields[node.name] && node.closest("details")) node.closest("details").open = true;
    });
    advise();
    place.restored();
    if (R.nearby) R.nearby.later();
  }
  // A position alone, or what the page came with, is not a report yet.
  function isFree() {
    const isTyped = ([name, value]) => !PLACE.has(name) && (isKept(name) || value.trim()) &&
    !(name === "grid" && value === grid) && begins[name] !== value;
    const touched = Object.entries(read()).some(isTyped);
    return !send.disabled && !touched && !media.files().length;
  }
  function use(id, key) {
    if (letGo) letGo();
    letGo = null;
    current = { id, key };
    field("submission_key").value = key;
  }
  function empty() {
    clearTimeout(timer);
    use(R.newId(), R.newId());
    write(Object.assign({ grid }, begins));
    media.set([]);
    showErrors([]);
    $("draft-note").hidden = true;
    place.again();
  }

  // --- what is being written is kept ------------------------------------------------------
  function later() {
    clearTimeout(timer);
    timer = setTimeout(save, SAVE_MS);
  }
  function save() {
    clearTimeout(timer);
    if (!keeps || sending) return saving;
    const { id, key } = current, free = isFree(), files = media.files();
    const report = { id, key, state: "draft", fields: read(), files: [], savedAt: Date.now() };
    saving = saving.then(async () => {
      if (free) {
        if (letGo) await R.store.remove(id);
        return;
      }
      if (!letGo && id === current.id) letGo = await R.hold(`draft-${id}`);
      await R.store.put(report, files);
    }).catch(() => {});
    return saving;
  }
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  window.addEventListener("pagehide", save);

  // --- what is seen -----------------------------------------------------------------------
  const radios = [...form.querySelectorAll("input[name=category]")];
  function advise() {
    const chosen = radios.find((radio) => radio.checked);
    const words = chosen && chosen.parentElement.querySelector(".category-advice");
    $("advice").textContent = words ? words.textContent : "";
    $("advice").hidden = !words;
  }
  radios.forEach((radio) => radio.addEventListener("change", () => {
    advise();
    place.want();
  }));
  function category(key) {
    const radio = radios.find((node) => node.value === key);
    return radio ? radio.parentElement.querySelector(".category-name").textContent : R.say("thing");
  }
  function say(words, bad) {
    status.textContent = words;
    status.hidden = !words;
    status.classList.toggle("is-bad", Boolean(bad));
  }
  function showErrors(words) {
    errors.textContent = "";
    if (!words.length) return;
    const box = document.createElement("div"), list = document.createElement("ul");
    box.className = "alert-box";
    box.setAttribute("role", "alert");
    words.forEach((text) => {
      list.append(Object.assign(document.createElement("li"), { textContent: text }));
    });
    box.append(list);
    errors.append(box);
    errors.focus();
    errors.scrollIntoView({ block: "center" });
  }

  // --- from the phone back into the form --------------------------------------------------
  async function open(report, problem) {
    const files = await R.store.files(report);
    use(report.id, report.key);
    write(report.fields);
    media.set(files);
    $("draft-note").hidden = false;
    showErrors(problem || []);
  }
  // 接着写, 改一改: what is being written steps back into the list for it.
  async function edit(id) {
    if (send.disabled) return;
    await save();
    const done = await R.alone(`send-${id}`, async () => {
      const kept = await R.store.get(id), hold = kept && await R.hold(`draft-${id}`);
      if (!hold) return false;
      const { fields, files, savedAt } = kept, key = kept.renew ? R.newId() : kept.key;
      const report = { id, key, state: "draft", fields, files, savedAt };
      await R.store.put(report);
      await open(report, kept.problem);
      letGo = hold;
      return true;
    });
    await waiting.draw();
    if (done && !errors.firstElementChild) $("draft-note").scrollIntoView({ block: "center" });
  }
  $("draft-anew").addEventListener("click", async () => {
    await save();
    const report = await R.store.get(current.id), files = media.files();
    if (report) {
      await R.store.remove(report.id);
      waiting.offerUndo(report, files);
    }
    empty();
    await waiting.draw();
    waiting.show();
  });
  const waiting = R.waiting({ action: form.action, category, currentId: () => current.id, isFree, edit });

  // --- sending ----------------------------------------------------------------------------
  // A form may ask for one of its fields; else words or a file must say something.
  function isEnough() {
    const { asks } = form.dataset, fields = read();
    if (asks) return Boolean(fields[asks]);
    return Boolean(fields.description.trim() || media.files().length || hasKept());
  }
  const bar = $("send-progress"), stop = $("send-stop");
  function freeze(on) {
    sending = on;
    send.disabled = on;
    form.querySelectorAll("fieldset").forEach((set) => { set.disabled = on; });
    bar.hidden = true;
    stop.hidden = true;
  }
  async function submit() {
    await media.settled();
    keeps = await R.store.usable();
    if (!isEnough()) {
      send.disabled = false;
      say("");
      showErrors([R.say("nothing")]);
      return;
    }
    await save();
    const now = Date.now(), { id, key } = current, files = media.files();
    const report = { id, key, state: "waiting", fields: read(), files: [], savedAt: now, queuedAt: now };
    const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    const handle = {
      progress(percent) {
        bar.value = percent;
        bar.hidden = false;
        status.textContent = percent < 100 ? R.say("percent", { n: percent }) : R.say("sending");
      },
    };
    freeze(true);
    showErrors([]);
    const offer = setTimeout(() => { stop.hidden = false; }, OFFER_CANCEL_MS);
    stop.onclick = () => handle.cancel && handle.cancel();
    let kept = false, outcome = null;
    // The lock comes before the record, else another tab would take it for its own to send.
    await R.alone(`send-${id}`, async () => {
      kept = keeps && await R.store.put(report, files).then(() => true, () => false);
      outcome = await R.transmit(form.action, report, files, handle, token);
      if (!kept) return;
      if (outcome.kind === "done") await R.store.remove(id);
      else if (outcome.kind === "wait") await waiting.settle(report, outcome);
      else await R.store.update(id, (mine) => Object.assign(mine, { state: "draft" }));
    }).catch(() => {});
    clearTimeout(offer);
    freeze(false);
    if (outcome && outcome.kind === "done") {
      say(R.say("sent"));
      // Coming back must not find the sent report still in the form.
      empty();
      location.assign(outcome.receipt);
    } else if (outcome && outcome.kind === "refused") {
      if (outcome.renew) use(id, R.newId());
      say("");
      showErrors(outcome.problem);
      await save();
    } else if (kept) {
      empty();
      await waiting.draw();
      say("");
      waiting.show();
      if (!outcome || !outcome.held) waiting.schedule();
    } else if (outcome && outcome.cancelled) {
      say(R.say("stopped"));
    } else {
      const note = outcome && outcome.held && outcome.note;
      say(note ? R.say("sentence", { words: note }) : R.say("kept"), true);
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    say(R.say("sending"));
    submit().catch(() => {
      freeze(false);
      say(R.say("kept"), true);
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (!sending) send.disabled = false;
    // Come back to: this page may have been sent without this script, and its key is spent then.
    if (event.persisted && current.key === first) use(current.id, R.newId());
  });

  // --- opening the page -------------------------------------------------------------------
  async function begin() {
    keeps = await R.store.usable();
    if (!keeps) return;
    const drafts = (await R.store.all()).filter((report) => report.state === "draft");
    drafts.sort((a, b) => b.savedAt - a.savedAt);
    for (const draft of drafts) {
      // Not over what was typed before this script had come, nor over the server's own answer.
      const hold = isFree() && !errors.firstElementChild && await R.hold(`draft-${draft.id}`);
      if (!hold) continue;
      await open(draft);
      letGo = hold;
      break;
    }
    save();
    await waiting.begin();
  }
  advise();
  begin().catch(() => {}).then(() => place.again());
})();
