// The report form beyond plain HTML: previews, smaller photos, hold-to-talk, position, sending
// that keeps everything on failure. Without this file the form still works.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const form = $("report-form");
  const MAX_PHOTOS = 4, MAX_SIDE = 2048, MAX_SECONDS = 60, LOCATE_MS = 9000;
  const shots = []; // {blob, name, url}
  let voice = null; // {blob, name}
  document.documentElement.classList.add("js");
  document.querySelectorAll(".js-off").forEach((node) => node.remove());

  // --- what is seen -----------------------------------------------------------------------
  const advice = $("advice");
  form.querySelectorAll("input[name=category]").forEach((radio) =>
    radio.addEventListener("change", () => {
      const words = radio.parentElement.querySelector(".category-advice");
      advice.textContent = words ? words.textContent : "";
      advice.hidden = !words;
      if (!located) locate();
    }));

  // --- photos -----------------------------------------------------------------------------
  async function shrink(file) {
    // A phone that cannot decode its own format (HEIC) sends the file as it is; the server can.
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, MAX_SIDE / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * scale);
      canvas.height = Math.round(picture.height * scale);
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      if (blob && blob.size < file.size) return { blob, name: "photo.jpg" };
    } catch (_error) { /* the original goes out */ }
    return { blob: file, name: file.name || "photo" };
  }

  function drawShots() {
    const list = $("shots");
    list.textContent = "";
    list.hidden = shots.length === 0;
    shots.forEach((shot, index) => {
      const item = document.createElement("li");
      const image = document.createElement("img");
      image.src = shot.url;
      image.alt = `照片 ${index + 1}`;
      image.onerror = () => { image.replaceWith(Object.assign(document.createElement("span"), { textContent: `照片 ${index + 1}` })); };
      const drop = document.createElement("button");
      drop.type = "button";
      drop.textContent = "✕";
      drop.setAttribute("aria-label", `去掉照片 ${index + 1}`);
      drop.onclick = () => { URL.revokeObjectURL(shot.url); shots.splice(index, 1); drawShots(); };
      item.append(image, drop);
      list.append(item);
    });
  }

  async function take(input) {
    const files = [...input.files];
    input.value = "";
    const room = MAX_PHOTOS - shots.length;
    if (files.length > room) say(`最多 ${MAX_PHOTOS} 张，多的没有加。`);
    for (const file of files.slice(0, room)) {
      const shot = await shrink(file);
      shot.url = URL.createObjectURL(shot.blob);
      shots.push(shot);
      drawShots();
    }
  }
  ["camera", "album"].forEach((id) => $(id).addEventListener("change", () => take($(id))));

  // --- voice ------------------------------------------------------------------------------
  const talk = $("talk");
  let recorder = null, ticker = 0, pressedAt = 0, wanted = false;
  function setVoice(blob, name) {
    voice = blob ? { blob, name } : null;
    $("voice-note").hidden = !voice;
    if (voice) $("voice-audio").src = URL.createObjectURL(blob);
  }
  $("voice-input").addEventListener("change", () => {
    const file = $("voice-input").files[0];
    $("voice-input").value = "";
    if (file) setVoice(file, file.name);
  });
  $("voice-drop").addEventListener("click", () => setVoice(null));

  function label(title, detail, on) {
    talk.querySelector("strong").textContent = title;
    talk.querySelector("span").textContent = detail;
    talk.classList.toggle("is-on", on);
    talk.setAttribute("aria-pressed", String(on));
  }
  function idle() { clearInterval(ticker); recorder = null; label("按住说话", "最长 60 秒", false); }

  async function start() {
    wanted = true;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (_error) {
      talk.hidden = true;
      $("voice-file").hidden = false;
      say("用不了麦克风。可以选一段录音，或者写一句。");
      return;
    }
    if (!wanted) { stream.getTracks().forEach((track) => track.stop()); return; }
    const type = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg"].find((t) => MediaRecorder.isTypeSupported(t));
    recorder = new MediaRecorder(stream, type ? { mimeType: type, audioBitsPerSecond: 32000 } : {});
    const chunks = [], began = Date.now();
    recorder.ondataavailable = (event) => { if (event.data.size) chunks.push(event.data); };
    recorder.onstop = () => {
      stream.getTracks().forEach((track) => track.stop());
      const long = Date.now() - began > 600, kind = chunks[0] && chunks[0].type || type || "audio/webm";
      idle();
      if (long && chunks.length) setVoice(new Blob(chunks, { type: kind }), kind.includes("mp4") ? "voice.m4a" : "voice.webm");
      else say("太短了，没录上，再说一次。");
    };
    recorder.start(1000);
    label("正在听…", "松手就好", true);
    ticker = setInterval(() => {
      const seconds = Math.floor((Date.now() - began) / 1000);
      talk.querySelector("span").textContent = `${seconds} 秒 / ${MAX_SECONDS} 秒`;
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
    talk.addEventListener("pointerup", () => { if (pressedAt && Date.now() - pressedAt > 500) stop(); pressedAt = 0; });
    talk.addEventListener("pointercancel", stop);
    talk.addEventListener("contextmenu", (event) => event.preventDefault());
    talk.addEventListener("keydown", (event) => {
      if (event.key !== " " && event.key !== "Enter") return;
      event.preventDefault();
      if (!event.repeat) { if (recorder) stop(); else start(); }
    });
  }

  // --- position ---------------------------------------------------------------------------
  let located = false, watching = 0;
  function setPoint(position) {
    const { latitude, longitude, accuracy } = position.coords;
    form.elements.latitude.value = latitude.toFixed(7);
    form.elements.longitude.value = longitude.toFixed(7);
    form.elements.accuracy.value = Math.round(accuracy);
    form.elements.datum.value = "wgs84";
    located = true;
    $("locate").classList.add("is-found");
    $("locate-title").textContent = "已经定位";
    $("locate-detail").textContent = accuracy > 200 ? `误差约 ${Math.round(accuracy)} 米，最好再写一下地点` : `误差约 ${Math.round(accuracy)} 米`;
    $("locate-button").textContent = "不用定位";
  }
  function clearPoint() {
    ["latitude", "longitude", "accuracy", "datum"].forEach((name) => { form.elements[name].value = ""; });
    located = false;
    $("locate").classList.remove("is-found");
    $("locate-title").textContent = "没有用定位";
    $("locate-detail").textContent = "在下面写地点，或选网格";
    $("locate-button").textContent = "定位";
  }
  function locate() {
    if (!navigator.geolocation || watching) return;
    let best = Infinity;
    $("locate-title").textContent = "正在定位…";
    $("locate-detail").textContent = "不用等，先接着填";
    const finish = (words) => {
      navigator.geolocation.clearWatch(watching);
      clearTimeout(limit);
      watching = 0;
      if (best === Infinity) { $("locate-title").textContent = words; $("locate-detail").textContent = "在下面写地点，或选网格"; }
    };
    const limit = setTimeout(() => finish("没定到位"), LOCATE_MS);
    watching = navigator.geolocation.watchPosition((position) => {
      if (position.coords.accuracy < best) { best = position.coords.accuracy; setPoint(position); }
      if (best <= 15) finish("");
    }, (error) => finish(error.code === 1 ? "没有允许定位" : "没定到位"), { enableHighAccuracy: true, maximumAge: 10000, timeout: LOCATE_MS });
  }
  if (navigator.geolocation) {
    $("locate").hidden = false;
    $("locate-button").addEventListener("click", () => { if (located) clearPoint(); else locate(); });
    if (form.elements.latitude.value) { located = true; $("locate-title").textContent = "已经定位"; $("locate-button").textContent = "不用定位"; }
    else if (navigator.permissions) {
      // Asked on load only where the answer is yes already; else the first tap asks.
      navigator.permissions.query({ name: "geolocation" }).then((p) => { if (p.state === "granted") locate(); }, () => {});
    }
  }

  // --- sending ----------------------------------------------------------------------------
  const send = $("send"), status = $("send-status");
  function say(words, bad) {
    status.textContent = words;
    status.hidden = !words;
    status.classList.toggle("is-bad", Boolean(bad));
  }
  function showErrors(html) {
    const page = new DOMParser().parseFromString(html, "text/html");
    const errors = page.getElementById("form-errors"), key = page.querySelector("[name=submission_key]");
    if (!errors) return false;
    errors.querySelectorAll(".js-off").forEach((node) => node.remove());
    $("form-errors").replaceChildren(...errors.childNodes);
    if (key) form.elements.submission_key.value = key.value;
    $("form-errors").focus();
    $("form-errors").scrollIntoView({ block: "center" });
    return true;
  }
  const KEPT = "没发出去，网不太好。填的都在，再点一次就行。";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (send.disabled) return;
    if (recorder) stop();
    const data = new FormData(form);
    data.delete("photos");
    data.delete("voice");
    shots.forEach((shot) => data.append("photos", shot.blob, shot.name));
    if (voice) data.append("voice", voice.blob, voice.name);
    send.disabled = true;
    say("正在发…");
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.upload.onprogress = (progress) => {
      if (progress.lengthComputable && progress.total > 50000) say(`正在发… ${Math.round(100 * progress.loaded / progress.total)}%`);
    };
    const failed = (words) => { send.disabled = false; say(words, true); };
    request.onerror = request.ontimeout = () => failed(KEPT);
    request.onload = () => {
      if (request.status === 200 && request.responseURL.includes("/receipt/")) { location.assign(request.responseURL); return; }
      failed(request.status === 413 ? "照片太大，去掉一张再发。" : KEPT);
      if (request.status < 500 && showErrors(request.responseText)) say("");
    };
    request.send(data);
  });
  window.addEventListener("pageshow", () => { send.disabled = false; });
})();
