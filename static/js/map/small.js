// A small map of one place as SVG, drawn from the ground: streets, blocks, names, the circle of
// error, and a pin with the seal of its kind. Close enough to see a street, or nothing is drawn.
"use strict";
window.yuanhang.smallMap = (() => {
  const { around, namesOf, isLine } = window.yuanhang.streets;
  const CLOSEST = 0.85; // metres a pixel
  const STREET_METRES = { main: 15, street: 8 };
  const PATCHES = ["green", "water", "block"];

  function node(svg, tag, facts, words) {
    const made = document.createElementNS(svg.namespaceURI, tag);
    Object.keys(facts).forEach((name) => made.setAttribute(name, facts[name]));
    if (words) made.textContent = words;
    return made;
  }
  const text = (points) => points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  const isSeen = (points, { width, height }) => {
    const xs = points.map((point) => point[0]), ys = points.map((point) => point[1]);
    return Math.max(...xs) > 0 && Math.min(...xs) < width && Math.max(...ys) > 0 && Math.min(...ys) < height;
  };

  // What is seen at so many metres a pixel, with the place in the middle of the lower half.
  function view(place, scale) {
    const { width, height, ground, shapes, at } = place, flat = around(at[0], at[1]);
    const frame = { width, height, x: width / 2, y: height * .62 };
    const project = (pair) => {
      const [east, south] = flat(pair);
      return [frame.x + east / scale, frame.y + south / scale];
    };
    const seen = shapes.map(({ kind, name, points }) => ({ kind, name, points: points.map(project) }))
      .filter(({ points }) => isSeen(points, frame));
    const marks = ground.landmarks.map((mark) => {
      const [x, y] = project([mark.latitude, mark.longitude]);
      return { name: mark.name, x, y };
    }).filter(({ x, y }) => x > 20 && x < width - 20 && y > 8 && y < height - 8);
    const grids = ground.grids.map((grid) => grid.boundary.coordinates[0].map(([x, y]) => project([y, x])));
    return { scale, frame, seen, marks, grids };
  }
  // The closest view with a street in it; without streets one with a landmark or the grid's border.
  function bestView(place, metres) {
    const near = Math.max(CLOSEST, metres / (place.height * .42));
    const views = [1, 2, 4, 8].map((times) => view(place, near * times));
    const found = views.find(({ seen }) => seen.some(({ kind }) => isLine(kind)));
    if (found) return Object.assign(found, { grids: [] });
    const isEdge = (ring, { width, height }) => ring.some(([x, y]) => x > 0 && x < width && y > 0 && y < height);
    return views.find(({ marks, grids, frame }) => marks.length || grids.some((ring) => isEdge(ring, frame)));
  }

  // Draws into an `svg`; `place` is {ground, shapes, at, metres, seal, width, height}. Whether there
  // was anything to draw.
  return (svg, place) => {
    const best = bestView(place, place.metres || 0);
    svg.textContent = "";
    if (!best) return false;
    const { scale, frame, seen, marks, grids } = best, { width, height } = place;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const put = (tag, facts, words) => svg.append(node(svg, tag, facts, words));
    PATCHES.forEach((kind) => seen.filter((shape) => shape.kind === kind).forEach(({ points }) =>
      put("polygon", { class: `ground-${kind}`, points: text(points) })));
    const ways = seen.filter(({ kind }) => isLine(kind));
    [["ground-edge", 3], ["ground-way", 0]].forEach(([name, more]) => ways.forEach(({ kind, points }) => {
      const wide = Math.max(kind === "main" ? 6 : 4, STREET_METRES[kind] / scale) + more;
      put("polyline", { class: name, points: text(points), "stroke-width": wide.toFixed(1) });
    }));
    grids.forEach((ring) => put("polygon", { class: "ground-grid", points: text(ring) }));
    const { x, y } = frame, error = Math.min((place.metres || 0) / scale, height);
    const pin = [x - 30, y - 52, x + 30, y + 8];
    const named = ways.filter(({ name }) => name);
    const lines = named.filter(({ kind }) => kind === "main").concat(named.filter(({ kind }) => kind !== "main"));
    const names = namesOf(lines, { width, height, inset: 8 }, [pin]);
    if (!names.length) marks.forEach((mark) => put("circle", { class: "ground-mark", cx: mark.x, cy: mark.y, r: 4 }));
    const labels = names.length ? names : marks.slice(0, 3).map(({ name, x: mx, y: my }) => {
      const half = name.length * 8 + 8;
      return { name, x: Math.max(half, Math.min(width - half, mx)), y: my > 24 ? my - 14 : my + 16 };
    });
    labels.forEach(({ name, x: cx, y: cy }) => put("text", { class: "ground-name", x: cx, y: cy }, name));
    if (error > 3) put("circle", { class: "ground-error", cx: x, cy: y, r: error.toFixed(1) });
    put("ellipse", { class: "ground-shade", cx: x, cy: y, rx: 9, ry: 3 });
    const foot = `M${x - 15} ${y - 44}h30v30h-9l-6 12l-6 -12h-9z`;
    put("path", { class: "ground-pin", d: foot });
    put("text", { class: "ground-seal", x, y: y - 29 }, place.seal);
    return true;
  };
})();
