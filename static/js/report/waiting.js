// The list of what is not yet sent, and the sending that goes on by itself while the page is open.
"use strict";
(() => {
  const R = window.Reporting = window.Reporting || {};
  const PAUSES = [5, 15, 30, 60, 120, 300], UNDO_MS = 10000;
  const $ = (id) => document.getElementById(id);

  function when(time) {
    const then = new Date(time), two = (number) => String(number).padStart(2, "0");
    const clock = `${then.getHours()}:${two(then.getMinutes())}`;
    return then.toDateString() === new Date().toDateString() ? `今天 ${clock}` : `${then.getMonth() + 1}月${then.getDate()}日 ${clock}`;
  }
  function contents(report) {
    const photos = report.files.filter((file) => file.kind === "photo").length;
    const words = (report.fields.description || report.fields.place || "").trim();
    const parts = [words.length > 16 ? `${words.slice(0, 15)}…` : words, photos ? `${photos} 张照片` : "", photos < report.files.length ? "一段话" : ""];
    return parts.filter(Boolean).join(" · ");
  }

  // `form` is what report.js offers: action, currentId(), isFree(), edit(report), category(key).
  R.waiting = (form) => {
    const list = $("waiting-list"), working = new Map(); // id -> {percent, cancel}
    let timer = 0, tries = 0, round = null, dropped = null;

    // --- sending --------------------------------------------------------------------------
    // What an answer means for the kept report. Called by whoever holds its sending lock.
    async function settle(report, outcome) {
      if (outcome.kind === "done") {
        // Nothing private stays but the link, and that only until it has been looked at.
        const left = { id: report.id, key: report.key, state: "done", fields: { category: report.fields.category }, savedAt: Date.now(), receipt: outcome.receipt };
        await R.store.put(left, []);
      } else if (outcome.kind === "refused") {
        await R.store.put(Object.assign({}, report, { state: "refused", problem: outcome.problem, renew: outcome.renew }));
      } else {
        await R.store.put(Object.assign({}, report, { state: "waiting", note: outcome.note, held: outcome.held }));
      }
    }
    async function attempt(id) {
      if (working.has(id)) return { kind: "busy" };
      const handle = { percent: 0, progress(percent) { handle.percent = percent; showPercent(id, percent); } };
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
      if (!reports.some((report) => report.state === "waiting" && !report.held)) { tries = 0; return; }
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
    function row(report, busyElsewhere) {
      const item = document.createElement("li"), words = document.createElement("p"), acts = document.createElement("div");
      const title = document.createElement("strong"), detail = document.createElement("span"), state = document.createElement("span");
      const handle = working.get(report.id);
      item.dataset.report = report.id;
      words.className = "row-main";
      acts.className = "waiting-acts";
      state.className = "waiting-state";
      title.textContent = form.category(report.fields.category);
      detail.textContent = [when(report.queuedAt || report.savedAt), contents(report)].filter(Boolean).join(" · ");
      if (report.state === "done") {
        state.textContent = "✓ 收到了，谢谢你";
        state.classList.add("is-good");
        acts.append(button("看回执", "receipt", () => forget(report.id).then(() => location.assign(report.receipt))));
        acts.append(button("知道了", "seen", () => forget(report.id).then(draw)));
      } else if (handle || busyElsewhere) {
        state.textContent = handle ? sendingWords(handle.percent) : "正在发…";
        if (handle) acts.append(button("先不发", "cancel", () => handle.cancel && handle.cancel()));
      } else {
        if (report.state === "waiting") {
          state.textContent = [report.note || "还没发", report.held ? "" : "有网自己发"].filter(Boolean).join("，");
          acts.append(button("现在发", "send", () => { tries = 0; attempt(report.id).then(schedule); }));
        } else {
          state.textContent = report.state === "refused" ? report.problem.join("") : "没写完";
          state.classList.toggle("is-bad", report.state === "refused");
        }
        acts.append(button(report.state === "draft" ? "接着写" : "改一改", "edit", () => form.edit(report.id)));
        acts.append(button("丢掉", "drop", () => drop(report.id)));
      }
      words.append(title, detail, state);
      item.append(words, acts);
      return item;
    }
    const sendingWords = (percent) => (percent ? `正在发… ${percent}%` : "正在发…");
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
      const shown = all.filter((report) => report.id !== form.currentId() && !(report.state === "draft" && open.has(`draft-${report.id}`)));
      shown.sort((a, b) => (a.queuedAt || a.savedAt) - (b.queuedAt || b.savedAt));
      const focus = document.activeElement && list.contains(document.activeElement) ? document.activeElement : null;
      const place = focus && [focus.closest("li").dataset.report, focus.dataset.act];
      list.textContent = "";
      shown.forEach((report) => list.append(row(report, sending.has(`send-${report.id}`))));
      const over = shown.length && shown.every((report) => report.state === "done");
      $("waiting-title").textContent = over ? "发出去了" : "还没发完的";
      $("waiting-hint").hidden = !shown.some((report) => report.state === "waiting");
      $("waiting").hidden = !shown.length && !dropped;
      $("waiting-undo").hidden = !dropped;
      if (!place) return;
      // The pressed button may be gone now; the focus stays with the list.
      const same = list.querySelector(`[data-report="${place[0]}"] [data-act="${place[1]}"]`) || list.querySelector("button") || $("waiting-title");
      same.focus();
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
      setTimeout(() => { if (dropped === mine) { dropped = null; draw(); } }, UNDO_MS);
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
    document.addEventListener("visibilitychange", () => { if (!document.hidden) { draw(); wake(false); } });
    window.addEventListener("pageshow", (event) => { if (event.persisted) { draw(); wake(false); } });
    R.store.onchange(draw);

    return {
      draw, wake, schedule, settle, drop, offerUndo,
      async begin() { await draw(); wake(true); },
      show() { $("waiting").scrollIntoView({ block: "center" }); $("waiting-title").focus(); },
    };
  };
})();
