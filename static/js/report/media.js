// Photos and voice of the report form: smaller photos, previews, hold-to-talk.
// A file is {id, kind: "photo" | "voice", name, type, buffer}. Bytes rather than the chooser's
// File: a phone may delete the camera's picture while the report still waits for a network.
"use strict";
(() => {
  const R = window.yuanhang.report;
  const { shrink, position } = window.yuanhang.photos;
  const MAX_PHOTOS = 4, MAX_SECONDS = 60;
  const $ = (id) => document.getElementById(id);

  R.blobOf = (file) => new Blob([file.buffer], { type: file.type });
  async function fileOf(kind, blob, name) {
    const buffer = await new Response(blob).arrayBuffer();
    return { id: R.newId(), kind, name, type: blob.type, buffer };
  }

  // `changed` is called after every change, `say` shows a word to the person, `taken` hears where
  // a photo was taken.
  R.media = ({ changed, say, taken }) => {
    let shots = [], voice = null, busy = Promise.resolve();

    // --- photos ---------------------------------------------------------------------------
    function drawShots() {
      const list = $("shots");
      list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
      list.textContent = "";
      list.hidden = shots.length === 0;
      shots.forEach((shot, index) => {
        const item = document.createElement("li"), image = document.createElement("img");
        image.src = URL.createObjectURL(R.blobOf(shot));
        image.alt = R.say("photo", { n: index + 1 });
        image.onerror = () => {
          const words = Object.assign(document.createElement("span"), { textContent: image.alt });
          image.replaceWith(words);
        };
        const drop = document.createElement("button");
        drop.type = "button";
        drop.textContent = "✕";
        drop.setAttribute("aria-label", R.say("dropPhoto", { n: index + 1 }));
        drop.onclick = () => {
          shots.splice(index, 1);
          drawShots();
          changed();
        };
        item.append(image, drop);
        list.append(item);
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
    const talk = $("talk"), audio = $("voice-audio");
    const title = talk.querySelector("strong"), detail = talk.querySelector("span");
    const idle = [title.textContent, detail.textContent];
    let recorder = null, ticker = 0, pressedAt = 0, wanted = false;
    function setVoice(file) {
      voice = file;
      $("voice-note").hidden = !voice;
      if (audio.src) URL.revokeObjectURL(audio.src);
      if (voice) audio.src = URL.createObjectURL(R.blobOf(voice));
      else audio.removeAttribute("src");
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

    function label(words, more, on) {
      title.textContent = words;
      detail.textContent = more;
      talk.classList.toggle("is-on", on);
      talk.setAttribute("aria-pressed", String(on));
    }
    async function start() {
      wanted = true;
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch (_error) {
        talk.hidden = true;
        $("voice-file").hidden = false;
        say(R.say("noMicrophone"));
        return;
      }
      if (!wanted) { stream.getTracks().forEach((track) => track.stop()); return; }
      const types = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg"];
      const type = types.find((mime) => MediaRecorder.isTypeSupported(mime));
      const options = type ? { mimeType: type, audioBitsPerSecond: 32000 } : {};
      const active = recorder = new MediaRecorder(stream, options);
      const chunks = [], began = Date.now();
      const ended = new Promise((done) => {
        active.ondataavailable = (event) => { if (event.data.size) chunks.push(event.data); };
        active.onstop = () => {
          stream.getTracks().forEach((track) => track.stop());
          clearInterval(ticker);
          recorder = null;
          label(...idle, false);
          const kind = chunks[0] && chunks[0].type || type || "audio/webm";
          const name = kind.includes("mp4") ? "voice.m4a" : "voice.webm";
          if (Date.now() - began > 600 && chunks.length) keepVoice(new Blob(chunks, { type: kind }), name);
          else say(R.say("voiceShort"));
          done();
        };
      });
      active.finish = () => { stop(); return ended; };
      active.start(1000);
      label(R.say("listening"), R.say("letGo"), true);
      ticker = setInterval(() => {
        const seconds = Math.floor((Date.now() - began) / 1000);
        detail.textContent = R.say("seconds", { n: seconds, most: MAX_SECONDS });
        if (seconds >= MAX_SECONDS) stop();
      }, 250);
    }
    function stop() { wanted = false; if (recorder && recorder.state === "recording") recorder.stop(); }

    if (navigator.mediaDevices && window.MediaRecorder) {
      talk.hidden = false;
      $("voice-file").hidden = true;
      // Holding is for a thumb; a short tap (a glove, a keyboard) starts and the next one stops.
      talk.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        talk.setPointerCapture(event.pointerId);
        if (recorder) { stop(); pressedAt = 0; return; }
        pressedAt = Date.now();
        start();
      });
      talk.addEventListener("pointerup", () => {
        if (pressedAt && Date.now() - pressedAt > 500) stop();
        pressedAt = 0;
      });
      talk.addEventListener("pointercancel", stop);
      talk.addEventListener("contextmenu", (event) => event.preventDefault());
      talk.addEventListener("keydown", (event) => {
        if (event.key !== " " && event.key !== "Enter") return;
        event.preventDefault();
        if (!event.repeat) { if (recorder) stop(); else start(); }
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
