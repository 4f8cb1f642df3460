// Photos and voice of the report form: smaller photos, previews, hold-to-talk.
// A file is {id, kind: "photo" | "voice", name, type, buffer}. Bytes rather than the chooser's
// File: a phone may delete the camera's picture while the report still waits for a network.
"use strict";
(() => {
  const R = window.yuanhang.report;
  const { shrink, position } = window.yuanhang.photos;
  const MAX_PHOTOS = 4;
  const $ = (id) => document.getElementById(id);

  R.blobOf = (file) => new Blob([file.buffer], { type: file.type });
  async function fileOf(kind, blob, name) {
    const buffer = await new Response(blob).arrayBuffer();
    return { id: R.newId(), kind, name, type: blob.type, buffer };
  }

  // `changed` is called after every change, `say` shows a word to the person, `taken` hears where
  // a photo was taken.
  R.media = ({ changed, say, taken }) => {
    $("media").classList.add("is-live");
    let shots = [], voice = null, busy = Promise.resolve();

    // --- photos ---------------------------------------------------------------------------
    function drawShots() {
      window.yuanhang.drawShots($("shots"), shots.map(R.blobOf), (index) => {
        shots.splice(index, 1);
        drawShots();
        changed();
      });
    }
    async function take(files) {
      const room = MAX_PHOTOS - shots.length;
      if (files.length > room) say(R.say("photoLimit", { n: MAX_PHOTOS }));
      for (const file of files.slice(0, Math.max(0, room))) {
        try {
          const point = await position(file); // before it is drawn anew, which forgets it
          const small = await shrink(file);
          shots.push(await fileOf("photo", small.blob, small.name));
          drawShots();
          changed();
          if (point) taken(point);
        } catch (_error) { say(R.say("photoBroken"), true); }
      }
    }
    // One after the other, so that two choices in a row cannot pass the limit together.
    const later = (work) => { busy = busy.then(work, work); };
    ["camera", "album"].forEach((id) => {
      const input = $(id);
      const chosen = () => {
        const files = [...input.files];
        input.value = "";
        if (files.length) later(() => take(files));
      };
      input.addEventListener("change", chosen);
      chosen(); // on a slow network a photo may be chosen before this script has come
    });

    // --- voice ----------------------------------------------------------------------------
    const talk = $("talk");
    let forget = null, recorder = null;
    function setVoice(file) {
      voice = file;
      if (forget) forget();
      $("voice-note").hidden = !voice;
      forget = voice ? window.yuanhang.player.show($("voice-note"), R.blobOf(voice)) : null;
    }
    const keepVoice = (blob, name) => later(async () => {
      try {
        setVoice(await fileOf("voice", blob, name));
        changed();
      } catch (_error) { say(R.say("voiceBroken"), true); }
    });
    const chosenVoice = () => {
      const file = $("voice-input").files[0];
      $("voice-input").value = "";
      if (file) keepVoice(file, file.name);
    };
    $("voice-input").addEventListener("change", chosenVoice);
    chosenVoice();
    $("voice-drop").addEventListener("click", () => { setVoice(null); changed(); });

    if (window.yuanhang.canRecord) {
      talk.hidden = false;
      $("voice-file").hidden = true;
      recorder = window.yuanhang.recorder(talk, {
        kept: keepVoice,
        said: (name) => say(name === "voiceShort" ? R.say("voiceShort") : R.say("noMicrophone")),
        gone() {
          talk.hidden = true;
          $("voice-file").hidden = false;
        },
      });
    }

    return {
      files: () => (voice ? [...shots, voice] : [...shots]),
      set(files) {
        shots = files.filter((file) => file.kind === "photo");
        drawShots();
        setVoice(files.find((file) => file.kind === "voice") || null);
      },
      // Resolves when a running recording is in and every chosen photo is read.
      async settled() {
        if (recorder) await recorder.finish();
        await busy;
      },
    };
  };
})();
