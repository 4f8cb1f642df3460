// 拍照, 相册, 按住说话 in every form but the report's, which keeps its files on the phone as well.
// Files stay in the form's own inputs, so a form that is sent without this script is the same form.
"use strict";
(() => {
  const yuanhang = window.yuanhang = window.yuanhang || {};
  const { shrink } = yuanhang.photos;
  const held = new WeakMap(); // group → photos that were taken so far

  function put(input, files) {
    const all = new DataTransfer();
    files.forEach((file) => all.items.add(file));
    input.files = all.files;
  }
  function part(group, name) { return group.querySelector(`[data-media=${name}]`); }
  function say(group, name) {
    const line = part(group, "said");
    line.textContent = name ? line.dataset[name] : "";
  }
  function draw(group) {
    const photos = held.get(group) || [];
    yuanhang.drawShots(part(group, "shots"), photos, (index) => {
      photos.splice(index, 1);
      put(part(group, "album"), photos);
      draw(group);
    });
    if (photos.length) part(group, "shots").scrollIntoView({ block: "nearest" });
  }
  async function take(group, input) {
    const most = Number(group.dataset.most), photos = held.get(group) || [];
    const chosen = [...input.files], room = Math.max(0, most - photos.length);
    held.set(group, photos);
    say(group, chosen.length > room ? "photoLimit" : "");
    for (const file of chosen.slice(0, room)) {
      const small = await shrink(file);
      photos.push(new File([small.blob], small.name, { type: small.blob.type }));
    }
    const camera = part(group, "camera");
    if (camera) camera.value = "";
    put(part(group, "album"), photos);
    draw(group);
  }
  function keepVoice(group, blob, name) {
    const note = part(group, "note");
    put(part(group, "voice"), [new File([blob], name, { type: blob.type })]);
    showVoice(group, blob);
    say(group, "");
    note.scrollIntoView({ block: "nearest" });
  }
  function showVoice(group, blob) {
    const note = part(group, "note");
    if (note.forget) note.forget();
    note.hidden = !blob;
    note.forget = blob ? yuanhang.player.show(note, blob) : null;
  }
  function dropVoice(group) {
    part(group, "voice").value = "";
    showVoice(group, null);
  }

  // --- one group of tiles --------------------------------------------------------------------
  function bind(group) {
    if (group.classList.contains("is-live") || group.closest("[data-shrinks]")) return;
    group.classList.add("is-live");
    const voice = part(group, "voice"), talk = part(group, "talk");
    if (!voice) return;
    voice.addEventListener("change", () => {
      if (voice.files[0]) showVoice(group, voice.files[0]);
    });
    part(group, "redo").addEventListener("click", () => dropVoice(group));
    if (!yuanhang.canRecord) return;
    const tile = voice.closest("label");
    talk.hidden = false;
    tile.hidden = true;
    group.recorder = yuanhang.recorder(talk, {
      kept: (blob, name) => keepVoice(group, blob, name),
      said: (name) => say(group, name),
      gone: () => { talk.hidden = true; tile.hidden = false; },
    });
  }
  function bindAll(root) { root.querySelectorAll(".media[data-tools]").forEach(bind); }
  bindAll(document);
  // A case that is swapped into the page brings its own forms.
  document.addEventListener("htmx:load", (event) => bindAll(event.target));

  // --- sending: a photo that is being read and a recording that runs are waited for -------------
  let busy = Promise.resolve(), open = 0, waiting = null;
  function later(work) {
    open += 1;
    busy = busy.then(work, work).then(() => { open -= 1; }, () => { open -= 1; }).then(() => {
      if (open || !waiting) return;
      const button = waiting;
      waiting = null;
      button.click();
    });
  }
  yuanhang.takePhotos = (group, input) => later(() => take(group, input));
  document.addEventListener("change", (event) => {
    const input = event.target, group = input.closest && input.closest(".media.is-live[data-tools]");
    if (!group || !/^(camera|album)$/.test(input.dataset.media || "") || !input.files.length) return;
    yuanhang.takePhotos(group, input);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button, input[type=submit]");
    if (!button || !button.form || button.type !== "submit") return;
    const groups = [...button.form.querySelectorAll(".media.is-live[data-tools]")];
    groups.filter((group) => group.recorder && part(group, "talk").classList.contains("is-on"))
      .forEach((group) => later(() => group.recorder.finish()));
    if (!open || !groups.length) return;
    event.preventDefault();
    event.stopPropagation();
    waiting = button;
  }, true);
})();
