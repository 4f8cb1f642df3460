// Reports that stay on the phone until the server has answered with a receipt: where they are
// kept, who may touch them, and how one is sent.
//
// A report is {id, key, state, fields, files, savedAt} and, as it goes on, {queuedAt, note, held,
// problem, renew, receipt}. States: draft (being written), waiting (to be sent), refused (the
// server wants something changed), done (only its receipt's link is left).
// `key` is the submission key: however often a report is sent, it makes one case.
//
// Other forms of this make (求助, 我在帮忙) use the same files: their page has the same ids.
//
// Our scripts share one global, `yuanhang`: `yuanhang.map` is described in map/ground.js, and
// `yuanhang.report` is the report form's, made by the files of this folder in the bundle's order:
//   say(name, values)                                words of the page, filled in   drafts.js
//   newId, store, alone, hold, isHeld, transmit      kept reports and their sending drafts.js
//   blobOf(file), media({changed, say})              photos and voice               media.js
//   place({form, changed})                           the position                   place.js
//   waiting(form)                                    the list of kept reports       waiting.js
//   nearby                                           what was reported there before nearby.js
// form.js puts them together.
"use strict";
(() => {
  window.yuanhang = window.yuanhang || {};
  const R = window.yuanhang.report = {};
  const OPEN_MS = 3000, TOKEN_MS = 20000, SILENT_MS = 60000;

  // The page's own words (core/place/_words.html), with {names} filled in.
  R.say = (name, values = {}) => {
    const words = document.getElementById("report-words").dataset[name];
    return words.replace(/\{(\w+)\}/g, (_all, part) => values[part]);
  };

  // Each form of this make keeps its own: a call for help is not among the hazards.
  const BASE = R.say("base");

  // A random UUID; crypto.randomUUID is younger than the phones, and wants HTTPS.
  R.newId = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  };

  // --- where they are kept ----------------------------------------------------------------
  let opening = null;
  function open() {
    if (opening) return opening;
    opening = new Promise((resolve) => {
      // Private windows refuse in several ways: by throwing, by an error, or by silence.
      setTimeout(() => resolve(null), OPEN_MS);
      try {
        const asked = window.indexedDB.open(BASE, 1);
        asked.onupgradeneeded = () => {
          asked.result.createObjectStore("reports", { keyPath: "id" });
          asked.result.createObjectStore("files", { keyPath: "id" });
        };
        asked.onerror = asked.onblocked = () => resolve(null);
        asked.onsuccess = () => {
          const base = asked.result;
          base.onversionchange = () => base.close();
          base.onclose = () => { opening = null; };
          resolve(base);
        };
      } catch (_error) { resolve(null); }
    });
    return opening;
  }
  async function run(mode, work) {
    const base = await open();
    if (!base) throw new Error("nothing can be kept here");
    return new Promise((resolve, reject) => {
      const box = {}, transaction = base.transaction(["reports", "files"], mode);
      transaction.oncomplete = () => resolve(box.result);
      const failed = () => reject(transaction.error || new Error("aborted"));
      transaction.onerror = transaction.onabort = failed;
      work(transaction.objectStore("reports"), transaction.objectStore("files"), box);
    });
  }
  // Other tabs draw their lists anew.
  const channel = window.BroadcastChannel ? new BroadcastChannel(BASE) : null;
  const tell = () => { if (channel) channel.postMessage("changed"); };

  // Bytes lie apart from words: each keystroke writes the words, a photo is written once.
  const outline = ({ id, kind, name, type }) => ({ id, kind, name, type });
  R.store = {
    usable: () => open().then(Boolean),
    onchange(listener) { if (channel) channel.onmessage = listener; },
    all: () => run("readonly", (reports, _files, box) => {
      reports.getAll().onsuccess = (event) => { box.result = event.target.result; };
    }),
    get: (id) => run("readonly", (reports, _files, box) => {
      reports.get(id).onsuccess = (event) => { box.result = event.target.result; };
    }),
    // The bytes of a report; what the phone has lost is left out.
    files: (report) => run("readonly", (_reports, files, box) => {
      box.result = [];
      report.files.forEach((file) => {
        files.get(file.id).onsuccess = (event) => {
          const bytes = event.target.result;
          if (bytes) box.result.push(Object.assign({}, file, bytes));
        };
      });
    }),
    // Write a report; with `files`, exactly these belong to it from now on.
    put: (report, now) => run("readwrite", (reports, files) => {
      if (!now) { reports.put(report); return; }
      report.files = now.map(outline);
      reports.get(report.id).onsuccess = (event) => {
        const before = event.target.result ? event.target.result.files.map((file) => file.id) : [];
        const kept = now.map((file) => file.id);
        const fresh = now.filter((file) => !before.includes(file.id));
        fresh.forEach(({ id, buffer }) => files.put({ id, buffer }));
        before.filter((id) => !kept.includes(id)).forEach((id) => files.delete(id));
        reports.put(report);
      };
    }).then(tell),
    // Change a report as it is at this moment; `change` may return nothing to leave it alone.
    update: (id, change) => run("readwrite", (reports) => {
      reports.get(id).onsuccess = (event) => {
        const changed = event.target.result && change(event.target.result);
        if (changed) reports.put(changed);
      };
    }).then(tell),
    remove: (id) => run("readwrite", (reports, files) => {
      reports.get(id).onsuccess = (event) => {
        if (event.target.result) event.target.result.files.forEach((file) => files.delete(file.id));
        reports.delete(id);
      };
    }).then(tell),
  };

  // --- who may touch them -----------------------------------------------------------------
  // Runs `work` unless another tab holds the name; then undefined comes back. Where there are no
  // locks the submission key keeps two sendings from making two cases.
  R.alone = (name, work) => {
    if (!navigator.locks) return work();
    const worked = (lock) => (lock ? work() : undefined);
    return navigator.locks.request(`${BASE}-${name}`, { ifAvailable: true }, worked);
  };
  // Where there are no locks a tab writes its name into a slip that it renews while it lives, so
  // that two tabs do not write the same draft under the same key.
  const TAB = R.newId(), SLIP_MS = 10000, RENEW_MS = 2000;
  const slipName = (name) => `${BASE}-${name}`;
  function otherTab(name) {
    try {
      const slip = JSON.parse(localStorage.getItem(slipName(name)) || "null");
      return Boolean(slip && slip.tab !== TAB && slip.until > Date.now());
    } catch (_error) { return false; }
  }
  function holdBySlip(name) {
    if (otherTab(name)) return null;
    const write = () => {
      try {
        localStorage.setItem(slipName(name), JSON.stringify({ tab: TAB, until: Date.now() + SLIP_MS }));
      } catch (_error) { /* nothing can be kept here, no draft either */ }
    };
    write();
    const timer = setInterval(write, RENEW_MS);
    const release = () => {
      clearInterval(timer);
      window.removeEventListener("pagehide", release);
      try {
        if (!otherTab(name)) localStorage.removeItem(slipName(name));
      } catch (_error) { /* as above */ }
    };
    window.addEventListener("pagehide", release);
    return release;
  }
  // Holds the name as long as the page lives or until the returned function is called; null when
  // another tab has it. A page that is just being left may need a moment to let go.
  R.hold = (name) => {
    if (!navigator.locks || !window.AbortController) return Promise.resolve(holdBySlip(name));
    return new Promise((resolve) => {
      const patience = new AbortController();
      setTimeout(() => patience.abort(), 500);
      navigator.locks.request(`${BASE}-${name}`, { signal: patience.signal }, () =>
        new Promise((release) => resolve(release))).catch(() => resolve(null));
    });
  };
  R.isHeld = async (names) => {
    if (!navigator.locks) return new Set(names.filter(otherTab));
    const held = new Set((await navigator.locks.query()).held.map((lock) => lock.name));
    return new Set(names.filter((name) => held.has(`${BASE}-${name}`)));
  };

  // --- how one is sent --------------------------------------------------------------------
  // The form's token may have grown old, or belong to somebody who has logged out since. Asking
  // for the page also tells, at little cost, whether there is a network for the photos.
  async function freshToken(action, handle) {
    const patience = window.AbortController ? new AbortController() : null;
    handle.abort = () => { if (patience) patience.abort(); };
    const timer = setTimeout(handle.abort, TOKEN_MS);
    try {
      const signal = patience ? patience.signal : undefined;
      const answer = await fetch(action, { credentials: "same-origin", cache: "no-store", signal });
      if (!answer.ok) return { status: answer.status };
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const input = page.querySelector("#report-form [name=csrfmiddlewaretoken]");
      return input ? { token: input.value } : {};
    } catch (_error) {
      return {};
    } finally { clearTimeout(timer); handle.abort = null; }
  }

  function post(action, report, files, token, handle) {
    const data = new FormData();
    // The server knows by the first and the last field that nothing was cut off in between.
    data.append("csrfmiddlewaretoken", token);
    data.append("body_start", "1");
    data.append("files_held", "1");
    data.append("submission_key", report.key);
    data.append("queued_at", report.queuedAt);
    Object.entries(report.fields).forEach(([name, value]) => {
      [].concat(value).forEach((one) => data.append(name, one));
    });
    files.forEach((file) => {
      data.append(file.kind === "photo" ? "photos" : "voice", R.blobOf(file), file.name);
    });
    data.append("body_end", "1");
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      let silence = 0;
      // A slow network may take its time; one that moves nothing for a minute is dead.
      const alive = () => {
        clearTimeout(silence);
        silence = setTimeout(() => request.abort(), SILENT_MS);
      };
      const over = (answer) => {
        clearTimeout(silence);
        handle.abort = null;
        resolve(answer);
      };
      request.open("POST", action);
      request.upload.onprogress = (progress) => {
        alive();
        if (progress.lengthComputable) handle.progress(Math.floor(100 * progress.loaded / progress.total));
      };
      request.onprogress = request.onreadystatechange = alive;
      request.onerror = request.onabort = () => over(null);
      request.onload = () => {
        over({ status: request.status, url: request.responseURL, html: request.responseText });
      };
      handle.abort = () => request.abort();
      alive();
      request.send(data);
    });
  }

  // What an answer means: {kind: "done", receipt}, {kind: "refused", problem, renew} or
  // {kind: "wait", note, held}. Whatever is not clearly an answer of ours leaves it waiting.
  function judge(answer) {
    const wait = (why, held) => ({
      kind: "wait",
      note: R.say(why),
      held: Boolean(held),
      status: answer ? answer.status : 0,
    });
    if (!answer || !answer.status) return wait("weak");
    const { status, url, html = "" } = answer;
    if (status === 200 && url && new URL(url).pathname.includes("/receipt/")) {
      return { kind: "done", receipt: url };
    }
    if (status === 400 || status === 409) {
      const page = new DOMParser().parseFromString(html, "text/html");
      const problem = [...page.querySelectorAll("#form-errors li")].map((item) => item.textContent);
      // 409: another account has used this key. A new one only once the person has been told.
      if (!problem.length) problem.push(R.say("refused"));
      return { kind: "refused", problem, renew: status === 409 };
    }
    // Sending the same photos again would only cost money.
    if (status === 413) return wait("tooBig", true);
    if (status === 429) return wait("tooOften");
    return wait(status >= 500 ? "busy" : "weak");
  }

  // Send a report once. `handle` carries progress(percent) in and cancel() out; `token` is the
  // open form's own, without it a fresh one is fetched.
  R.transmit = async (action, report, files, handle, token) => {
    let cancelled = false;
    handle.cancel = () => {
      cancelled = true;
      if (handle.abort) handle.abort();
    };
    const stopped = { kind: "wait", note: R.say("notNow"), held: true, cancelled: true };
    for (const known of token ? [token, ""] : [""]) {
      const fresh = known ? { token: known } : await freshToken(action, handle);
      if (cancelled) return stopped;
      if (!fresh.token) return judge(fresh.status ? { status: fresh.status } : null);
      const answer = await post(action, report, files, fresh.token, handle);
      if (cancelled && !(answer && answer.status === 200)) return stopped;
      // 403: somebody logged in or out in another tab, and the form's token went with it.
      if (!known || !answer || answer.status !== 403) return judge(answer);
    }
    return stopped;
  };
})();
