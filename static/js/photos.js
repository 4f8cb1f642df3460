// Photos before they are sent: smaller ones, and where the camera says that they were taken.
// Every photo input of the site is served: the report form asks for it, all others are watched.
"use strict";
(() => {
  const yuanhang = window.yuanhang = window.yuanhang || {};
  const MAX_SIDE = 2048;
  // A long screenshot keeps a width that can be read, as on the server (yuanhang/core/media).
  const READABLE_SIDE = 1024, LONG_SIDE_MAX = 12000, LONG_PIXELS_MAX = 6500000;
  const HEAD_BYTES = 512 * 1024; // cameras write what they know into the beginning of a file

  function scaleOf(width, height) {
    const longest = Math.max(width, height), shortest = Math.min(width, height);
    const area = Math.sqrt(LONG_PIXELS_MAX / (longest * shortest));
    const readable = Math.min(READABLE_SIDE / shortest, LONG_SIDE_MAX / longest, area);
    return Math.min(1, Math.max(MAX_SIDE / longest, readable));
  }
  async function shrink(file) {
    // A phone that cannot decode its own format (HEIC) sends the file as it is; the server can.
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = scaleOf(picture.width, picture.height);
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
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

  // --- where it was taken: the GPS entries of EXIF, a TIFF behind the letters "Exif" ---------
  function tiffOf(bytes) {
    for (let at = 0; at + 14 < bytes.length; at += 1) {
      const isExif = bytes[at] === 0x45 && bytes[at + 1] === 0x78 && bytes[at + 2] === 0x69 &&
      bytes[at + 3] === 0x66 && bytes[at + 4] === 0 && bytes[at + 5] === 0;
      const mark = String.fromCharCode(bytes[at + 6], bytes[at + 7]);
      if (isExif && (mark === "II" || mark === "MM")) return { start: at + 6, isLittle: mark === "II" };
    }
    return null;
  }
  function positionIn(buffer) {
    const tiff = tiffOf(new Uint8Array(buffer));
    if (!tiff) return null;
    const view = new DataView(buffer, tiff.start), little = tiff.isLittle;
    const short = (at) => view.getUint16(at, little), long = (at) => view.getUint32(at, little);
    // The entries of a directory as {tag: where its value stands}.
    function entries(at) {
      const found = {}, count = short(at);
      for (let n = 0; n < count; n += 1) found[short(at + 2 + 12 * n)] = at + 2 + 12 * n + 8;
      return found;
    }
    function degrees(at, letterAt, negative) {
      const parts = [0, 8, 16].map((more) => long(long(at) + more) / long(long(at) + more + 4));
      const value = parts[0] + parts[1] / 60 + parts[2] / 3600;
      return String.fromCharCode(view.getUint8(letterAt)) === negative ? -value : value;
    }
    const link = entries(long(4))[0x8825];
    if (!link) return null;
    const gps = entries(long(link));
    if (![1, 2, 3, 4].every((tag) => gps[tag])) return null;
    const latitude = degrees(gps[2], gps[1], "S"), longitude = degrees(gps[4], gps[3], "W");
    const isPlace = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
    // Cameras without a fix write zeros.
    return isPlace && (latitude || longitude) ? { latitude, longitude } : null;
  }
  async function position(file) {
    try {
      return positionIn(await new Response(file.slice(0, HEAD_BYTES)).arrayBuffer());
    } catch (_error) { return null; } // none, or none that can be read
  }
  yuanhang.photos = { shrink, position };

  // --- the inputs of all other forms ---------------------------------------------------------
  let busy = 0, waiting = null;
  const isWatched = (input) => input.type === "file" && /^image/.test(input.accept || "") &&
  !input.closest("[data-shrinks], .media.is-live");

  async function replace(input) {
    const files = new DataTransfer();
    for (const file of [...input.files]) {
      const small = await shrink(file);
      files.items.add(new File([small.blob], small.name, { type: small.blob.type }));
    }
    input.files = files.files;
  }
  document.addEventListener("change", async (event) => {
    const input = event.target;
    if (!isWatched(input) || !input.files.length) return;
    busy += 1;
    try {
      await replace(input);
    } catch (_error) { /* a browser that lets nobody set files sends the originals */ }
    busy -= 1;
    if (busy || !waiting) return;
    const button = waiting;
    waiting = null;
    button.click();
  });
  // A thumb on the button while a photo is being read: sent as soon as it is.
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button, input[type=submit]");
    if (!busy || !button || !button.form || button.type !== "submit") return;
    if (!button.form.querySelector("input[type=file]")) return;
    event.preventDefault();
    event.stopPropagation();
    waiting = button;
  }, true);
})();
