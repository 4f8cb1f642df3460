// The list of what is not yet sent, and the sending that goes on by itself while the page is open.
"use strict";
(() => {
  const R = window.yuanhang.report;
  const PAUSES = [5, 15, 30, 60, 120, 300], UNDO_MS = 10000;
  const $ = (id) => document.getElementById(id);

  function when(moment) {
    const then = new Date(moment), two = (number) => String(number).padStart(2, "0");
    const time = `${then.getHours()}:${two(then.getMinutes())}`;
    if (then.toDateString() === new Date().toDateString()) return R.say("today", { time });
    return R.say("day", { month: then.getMonth() + 1, day: then.getDate(), time });
  }
  function contents(report) {
    const photos = report.files.filter((file) => file.kind === "photo").length;
    const words = (report.fields.description || report.fields.place || "").trim();
    const parts = [
      words.length > 16 ? `${words.slice(0, 15)}…` : words,
      photos ? R.say("photos", { n: photos }) : "",
      photos < report.files.length ? R.say("talk") : "",
    ];
    return parts.filter(Boolean).join(" · ");
  }

  // `form` is what report.js offers: action, currentId(), isFree(), edit(report), category(key).
  R.waiting = (form) => {
    const list = $("waiting-list"), working = new Map(); // id -> {percent, cancel}
    const heading = $("waiting-title").textContent;
    let timer = 0, tries = 0, round = null, dropped = null;

    // --- sending --------------------------------------------------------------------------
    // What an answer means for the kept report. Called by whoever holds its sending lock.
    async function settle(report, outcome) {
      if (outcome.kind === "done") {
        // Nothing private stays but the link, and that only until it has been looked at.
        const { id, key, fields: { category } } = report, { receipt } = outcome;
        const left = { id, key, state: "done", fields: { category }, savedAt: Date.now(), receipt };
        await R.store.put(left, []);
      } else if (outcome.kind === "refused") {
        const { problem, renew } = outcome;
        await R.store.put(Object.assign({}, report, { state: "refused", problem, renew }));
      } else {
        const { note, held } = outcome;
        await R.store.put(Object.assign({}, report, { state: "waiting", note, held }));
      }
    }
    async function attempt(id) {
      if (working.has(id)) return { kind: "busy" };
      const handle = {
        percent: 0,
        progress(percent) {
          handle.percent = percent;
          showPercent(id, percent);
        },
      };
      working.set(id, handle);
      let outcome, report;
      try {
        outcome = await R.alone(`send-${id}`, async () => {
          // Read under the lock: another tab may have sent it a moment ago.
          report = await R.store.get(id);
          if (!report || report.state !== "waiting") return { kind: "gone" };
          draw();
          const answer = await R.transmit(form.action, report, await R.store.files(report), handle);
          await settle(report, answer);
          return answer;
        });
      } catch (_error) { outcome = null; }
      working.delete(id);
      draw();
      if (outcome && outcome.kind === "refused" && form.isFree()) await form.edit(id);
      return outcome || { kind: "busy" };
    }
    async function sendAll() {
      for (const report of await R.store.all()) {
        if (report.state !== "waiting" || report.held) continue;
        const outcome = await attempt(report.id);
        // Without a network the next one would fare no better.
        if (outcome.kind === "wait" && !outcome.status) break;
      }
    }
    // One round at a time; then the next, each a little later than the one before.
    function flush() {
      clearTimeout(timer);
      if (!round) round = sendAll().catch(() => {}).then(() => { round = null; return schedule(); });
      return round;
    }
    async function schedule() {
      clearTimeout(timer);
      const reports = await R.store.all().catch(() => []);
      if (!reports.some((report) => report.state === "waiting" && !report.held)) {
        tries = 0;
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(flush, 1000 * PAUSES[Math.min(tries, PAUSES.length - 1)]);
      tries += 1;
    }
    // "Not now" and "too big" hold until the network has changed or the page is opened anew.
    async function release() {
      for (const { id, held } of await R.store.all()) {
        if (held) await R.store.update(id, (report) => Object.assign(report, { held: false }));
      }
    }
    function wake(released) {
      tries = 0;
      return (released ? release() : Promise.resolve()).then(flush, () => {});
    }

    // --- the list -------------------------------------------------------------------------
    function button(words, name, press) {
      const node = document.createElement("button");
      node.type = "button";
      node.className = "link-action plain";
      node.textContent = words;
      node.dataset.act = name;
      node.addEventListener("click", press);
      return node;
    }
    function element(tag, name, words) {
      const node = document.createElement(tag);
      node.className = name;
      node.textContent = words;
      return node;
    }
    function row(report, busyElsewhere) {
      const item = document.createElement("li"), words = element("p", "row-main", "");
      const about = [when(report.queuedAt || report.savedAt), contents(report)];
      const { state, acts } = standing(report, busyElsewhere);
      item.dataset.report = report.id;
      words.append(element("strong", "", form.category(report.fields.category)));
      words.append(element("span", "", about.filter(Boolean).join(" · ")), state);
      const buttons = element("div", "waiting-acts", "");
      acts.forEach(([label, name, press]) => buttons.append(button(R.say(label), name, press)));
      item.append(words, buttons);
      return item;
    }
    // How a report stands, in words, and what can be done with it: [words, name, on press].
    function standing(report, busyElsewhere) {
      const { id } = report, handle = working.get(id), said = (words) => element("span", "waiting-state", words);
      if (report.state === "done") {
        const state = said(R.say("received"));
        state.classList.add("is-good");
        const open = () => forget(id).then(() => location.assign(report.receipt));
        return { state, acts: [["receipt", "receipt", open], ["seen", "seen", () => forget(id).then(draw)]] };
      }
      if (handle || busyElsewhere) {
        const stop = ["notNow", "cancel", () => handle.cancel && handle.cancel()];
        return { state: said(sendingWords(handle && handle.percent)), acts: handle ? [stop] : [] };
      }
      const edit = [report.state === "draft" ? "writeOn" : "change", "edit", () => form.edit(id)];
      const acts = [edit, ["drop", "drop", () => drop(id)]];
      if (report.state === "waiting") {
        const note = report.note || R.say("unsent");
        acts.unshift(["send", "send", () => {
          tries = 0;
          attempt(id).then(schedule);
        }]);
        return { state: said(report.held ? note : R.say("byItself", { note })), acts };
      }
      const refused = report.state === "refused";
      const state = said(refused ? report.problem.join("") : R.say("unfinished"));
      state.classList.toggle("is-bad", refused);
      return { state, acts };
    }
    const sendingWords = (percent) => (percent ? R.say("percent", { n: percent }) : R.say("sending"));
    function showPercent(id, percent) {
      const state = list.querySelector(`[data-report="${id}"] .waiting-state`);
      if (state) state.textContent = sendingWords(percent);
    }

    let drawing = Promise.resolve();
    function draw() { drawing = drawing.then(drawNow, drawNow); return drawing; }
    async function drawNow() {
      const all = await R.store.all().catch(() => []);
      const sending = await R.isHeld(all.map((report) => `send-${report.id}`));
      const open = await R.isHeld(all.map((report) => `draft-${report.id}`));
      const isOpen = ({ id, state }) => id === form.currentId() || (state === "draft" && open.has(`draft-${id}`));
      const shown = all.filter((report) => !isOpen(report));
      shown.sort((a, b) => (a.queuedAt || a.savedAt) - (b.queuedAt || b.savedAt));
      const focus = list.contains(document.activeElement) ? document.activeElement : null;
      const place = focus && [focus.closest("li").dataset.report, focus.dataset.act];
      list.textContent = "";
      shown.forEach((report) => list.append(row(report, sending.has(`send-${report.id}`))));
      const over = shown.length && shown.every((report) => report.state === "done");
      $("waiting-title").textContent = over ? R.say("sent") : heading;
      $("waiting-hint").hidden = !shown.some((report) => report.state === "waiting");
      $("waiting").hidden = !shown.length && !dropped;
      $("waiting-undo").hidden = !dropped;
      if (!place) return;
      // The pressed button may be gone now; the focus stays with the list.
      const same = list.querySelector(`[data-report="${place[0]}"] [data-act="${place[1]}"]`);
      (same || list.querySelector("button") || $("waiting-title")).focus();
    }

    const forget = (id) => R.store.remove(id).catch(() => {});
    // Thrown away at once, so that nothing stays on a phone that is closed now; the page itself
    // remembers it for a moment.
    async function drop(id) {
      const files = await R.alone(`send-${id}`, async () => {
        const report = await R.store.get(id);
        if (!report) return null;
        const bytes = await R.store.files(report);
        await R.store.remove(id);
        offerUndo(report, bytes);
        return bytes;
      });
      await draw();
      if (files) $("waiting-undo-button").focus();
    }
    function offerUndo(report, files) {
      const mine = dropped = { report, files };
      setTimeout(() => {
        if (dropped !== mine) return;
        dropped = null;
        draw();
      }, UNDO_MS);
    }
    $("waiting-undo-button").addEventListener("click", async () => {
      if (!dropped) return;
      const { report, files } = dropped;
      dropped = null;
      await R.store.put(report, files);
      await draw();
      schedule();
    });

    window.addEventListener("online", () => wake(true));
    const again = () => {
      draw();
      wake(false);
    };
    document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
    window.addEventListener("pageshow", (event) => { if (event.persisted) again(); });
    R.store.onchange(draw);

    return {
      draw, wake, schedule, settle, drop, offerUndo,
      async begin() {
        await draw();
        wake(true);
      },
      show() {
        $("waiting").scrollIntoView({ block: "center" });
        $("waiting-title").focus();
      },
    };
  };
})();
