// Boxes over a picture by finger or mouse. They live in the number inputs, which the plain form
// sends; the canvas only draws them and writes new ones. The server does the covering.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const frame = $("cover-picture"), rows = $("cover-rows"), undo = $("cover-undo");
  const canvas = document.createElement("canvas"), pen = canvas.getContext("2d");
  const SMALLEST = 0.8; // percent: less is a slip of the finger
  let drawn = null;
  canvas.setAttribute("aria-hidden", "true");
  frame.append(canvas);
  $("cover-numbers").open = false;

  const inputs = (row) => [...row.querySelectorAll("input")];
  function boxes() {
    const all = [...rows.children].map((row) => inputs(row).map((input) => parseFloat(input.value)));
    return all.filter((box) => box.every(Number.isFinite));
  }
  function draw() {
    const scale = window.devicePixelRatio || 1;
    canvas.width = frame.clientWidth * scale;
    canvas.height = frame.clientHeight * scale;
    const all = drawn ? [...boxes(), drawn] : boxes();
    all.forEach((box) => {
      const [x, y, w, h] = box.map((part, i) => (part / 100) * (i % 2 ? canvas.height : canvas.width));
      pen.fillStyle = "#22231f";
      pen.fillRect(x, y, w, h);
      pen.strokeStyle = "#f08a55";
      pen.lineWidth = 2 * scale;
      pen.strokeRect(x, y, w, h);
    });
    undo.hidden = boxes().length === 0;
  }
  function at(event) {
    const box = canvas.getBoundingClientRect();
    const share = (value) => Math.min(100, Math.max(0, value * 100));
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }
  function add(box) {
    let row = [...rows.children].find((one) => inputs(one).every((input) => !input.value));
    if (!row) {
      row = rows.lastElementChild.cloneNode(true);
      inputs(row).forEach((input) => { input.value = ""; });
      rows.append(row);
    }
    inputs(row).forEach((input, i) => { input.value = box[i].toFixed(1); });
  }
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    const [x, y] = at(event);
    drawn = [x, y, 0, 0];
    const move = (moved) => {
      const [a, b] = at(moved);
      // Outward to tenths, so that rounding never uncovers an edge.
      const down = (value) => Math.floor(value * 10) / 10, up = (value) => Math.ceil(value * 10) / 10;
      const left = down(Math.min(x, a)), top = down(Math.min(y, b));
      drawn = [left, top, up(Math.max(x, a) - left), up(Math.max(y, b) - top)];
      draw();
    };
    const end = () => {
      canvas.removeEventListener("pointermove", move);
      if (drawn && drawn[2] > SMALLEST && drawn[3] > SMALLEST) add(drawn);
      drawn = null;
      draw();
    };
    canvas.addEventListener("pointermove", move);
    ["pointerup", "pointercancel"].forEach((name) => canvas.addEventListener(name, end, { once: true }));
  });
  undo.addEventListener("click", () => {
    const filled = [...rows.children].filter((row) => inputs(row).some((input) => input.value));
    inputs(filled[filled.length - 1]).forEach((input) => { input.value = ""; });
    draw();
  });
  rows.addEventListener("input", draw);
  if (window.ResizeObserver) new ResizeObserver(draw).observe(frame);
  else ["load", "resize"].forEach((name) => window.addEventListener(name, draw));
})();
