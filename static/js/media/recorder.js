// Hold to talk. A short tap (a glove, a keyboard) starts as well, and the next one stops.
"use strict";
(() => {
  const yuanhang = window.yuanhang = window.yuanhang || {};
  const MAX_SECONDS = 60, HELD_MS = 500, LEAST_MS = 600;
  const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg"];

  // `talk` is the button with its words in data attributes. `kept(blob, name)` gets what was said,
  // `said(name)` hears the name of a word to tell, `gone()` that there is no microphone.
  yuanhang.recorder = (talk, { kept, said, gone }) => {
    const title = talk.querySelector("strong"), detail = talk.querySelector("span");
    const idle = [title.textContent, detail.textContent], words = talk.dataset;
    let recorder = null, ticker = 0, pressedAt = 0, wanted = false, isTapped = false;

    function label(first, second, on) {
      title.textContent = first;
      detail.textContent = second;
      talk.classList.toggle("is-on", on);
      talk.setAttribute("aria-pressed", String(on));
    }
    function counting(seconds) {
      return words.seconds.replace("{n}", seconds).replace("{most}", MAX_SECONDS);
    }
    async function start() {
      wanted = true;
      let stream;
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch (_error) {
        gone();
        said("noMicrophone");
        return;
      }
      if (!wanted) { stream.getTracks().forEach((track) => track.stop()); return; }
      const type = TYPES.find((mime) => MediaRecorder.isTypeSupported(mime));
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
          if (Date.now() - began > LEAST_MS && chunks.length) kept(new Blob(chunks, { type: kind }), name);
          else said("voiceShort");
          done();
        };
      });
      active.finish = () => { stop(); return ended; };
      active.start(1000);
      label(words.listening, isTapped ? words.tapAgain : words.letGo, true);
      ticker = setInterval(() => {
        const seconds = Math.floor((Date.now() - began) / 1000);
        title.textContent = counting(seconds);
        detail.textContent = isTapped ? words.tapAgain : words.letGo;
        if (seconds >= MAX_SECONDS) stop();
      }, 250);
    }
    function stop() { wanted = false; if (recorder && recorder.state === "recording") recorder.stop(); }

    talk.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      talk.setPointerCapture(event.pointerId);
      if (recorder) { stop(); pressedAt = 0; return; }
      pressedAt = Date.now();
      isTapped = false;
      start();
    });
    talk.addEventListener("pointerup", () => {
      if (pressedAt && Date.now() - pressedAt > HELD_MS) stop();
      else if (pressedAt) {
        isTapped = true;
        if (recorder) detail.textContent = words.tapAgain;
      }
      pressedAt = 0;
    });
    talk.addEventListener("pointercancel", stop);
    talk.addEventListener("contextmenu", (event) => event.preventDefault());
    talk.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (event.repeat) return;
      isTapped = true;
      if (recorder) stop(); else start();
    });
    return {
      // Resolves when a running recording is in.
      finish: () => (recorder ? recorder.finish() : Promise.resolve()),
    };
  };
  yuanhang.canRecord = Boolean(navigator.mediaDevices && window.MediaRecorder);
})();
