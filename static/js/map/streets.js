// What is known of the ground besides drawing it: streets out of the compact answer, the nearest
// place that has a name, and where names stand on a map. Pure: no Leaflet, no page.
"use strict";
window.yuanhang = window.yuanhang || {};
window.yuanhang.streets = (() => {
  const METRES_A_DEGREE = 111195, LETTER = 16, LINE = 22;
  const AT_PLACE = 120, AT_STREET = 40; // so near a place or a street stands for where one is
  const LINES = { main: true, street: true };

  // The answer's shapes, decoded: {kind, name, points} with [latitude, longitude] pairs.
  function shapesOf(ground) {
    return (ground.shapes || []).map(([kind, name, steps]) => {
      const points = [];
      let x = 0, y = 0;
      for (let i = 0; i < steps.length; i += 2) {
        x += steps[i];
        y += steps[i + 1];
        points.push([y / ground.steps, x / ground.steps]);
      }
      return { kind, name, points };
    });
  }
  // A function from degrees to metres east and south of a place; over a town the earth is flat.
  function around(latitude, longitude) {
    const narrow = Math.cos(latitude * Math.PI / 180) * METRES_A_DEGREE;
    return ([lat, lon]) => [(lon - longitude) * narrow, (latitude - lat) * METRES_A_DEGREE];
  }
  function segmentsOf(points) {
    return points.slice(1).map((point, i) => [points[i], point]);
  }
  // Metres from the origin to a segment, and the nearest point on it.
  function toSegment([[ax, ay], [bx, by]]) {
    const dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy || 1;
    const share = Math.max(0, Math.min(1, -(ax * dx + ay * dy) / square));
    return Math.hypot(ax + share * dx, ay + share * dy);
  }
  // Where two segments cross, each made a little longer: a side street may end at the kerb.
  function crossing([a, b], [c, d]) {
    const ux = b[0] - a[0], uy = b[1] - a[1], vx = d[0] - c[0], vy = d[1] - c[1];
    const turn = ux * vy - uy * vx;
    if (Math.abs(turn) < 1e-6) return null;
    const s = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / turn;
    const t = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / turn;
    const ease = (x, y) => 12 / (Math.hypot(x, y) || 1);
    const isOn = (share, more) => share >= -more && share <= 1 + more;
    return isOn(s, ease(ux, uy)) && isOn(t, ease(vx, vy)) ? [a[0] + s * ux, a[1] + s * uy] : null;
  }

  // The nearest place with a name: {kind: "landmark" | "crossing" | "street", names, metres}.
  function nearPlace(ground, shapes, latitude, longitude) {
    const flat = around(latitude, longitude), near = [];
    let best = null;
    const offer = (kind, names, metres, most) => {
      if (metres <= most && (!best || metres < best.metres)) best = { kind, names, metres };
    };
    shapes.forEach(({ kind, name, points }) => {
      if (!LINES[kind] || !name) return;
      segmentsOf(points.map(flat)).forEach((segment) => {
        const metres = toSegment(segment);
        if (metres <= AT_PLACE + 20) near.push({ name, segment, metres });
      });
    });
    near.forEach((one, i) => near.slice(i + 1).forEach((other) => {
      const at = one.name === other.name ? null : crossing(one.segment, other.segment);
      if (at) offer("crossing", [one.name, other.name], Math.hypot(at[0], at[1]), AT_PLACE);
    }));
    ground.landmarks.forEach((mark) => {
      const [x, y] = flat([mark.latitude, mark.longitude]);
      offer("landmark", [mark.name], Math.hypot(x, y), AT_PLACE);
    });
    if (!best) near.forEach(({ name, metres }) => offer("street", [name], metres, AT_STREET));
    return best;
  }

  // The grid a point lies in, by the even-odd rule; the server decides again with its own.
  function gridAt(ground, latitude, longitude) {
    return ground.grids.find((grid) => {
      let inside = false;
      grid.boundary.coordinates.forEach((ring) => ring.slice(1).forEach(([x2, y2], i) => {
        const [x1, y1] = ring[i];
        const crosses = y1 > latitude !== y2 > latitude;
        if (crosses && longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1) inside = !inside;
      }));
      return inside;
    });
  }

  // Where names of streets stand: `lines` are [{name, points}] on the screen, the first ones first;
  // `taken` are boxes [left, top, right, bottom] that a name may not cover. [{name, x, y}].
  function namesOf(lines, { width, height, inset }, taken) {
    const boxes = taken.slice(), found = [], done = {};
    const isFree = (box) => boxes.every((o) =>
      box[2] < o[0] || box[0] > o[2] || box[3] < o[1] || box[1] > o[3]);
    const spots = {};
    lines.forEach(({ name, points }) => {
      const mine = spots[name] = spots[name] || [];
      segmentsOf(points).forEach(([[ax, ay], [bx, by]]) => {
        const steps = Math.max(1, Math.min(200, Math.ceil(Math.hypot(bx - ax, by - ay) / 18)));
        const isSteep = Math.abs(by - ay) > Math.abs(bx - ax);
        for (let i = 0; i <= steps; i += 1) {
          mine.push([ax + (bx - ax) * i / steps, ay + (by - ay) * i / steps, isSteep]);
        }
      });
    });
    lines.forEach(({ name }) => {
      if (done[name]) return;
      done[name] = true;
      const half = name.length * LETTER / 2, middle = [width / 2, height / 2];
      const away = ([x, y]) => Math.hypot(x - middle[0], y - middle[1]);
      spots[name].sort((a, b) => away(a) - away(b)).some(([x, y, isSteep]) =>
        // Across a steep street a name stands beside it.
        (isSteep ? [half + 12, -half - 12, 0] : [0]).some((aside) => {
          const box = [x + aside - half, y - LINE / 2, x + aside + half, y + LINE / 2];
          const isSeen = box[0] >= inset && box[2] <= width - inset && box[1] >= 2 && box[3] <= height - 2;
          if (!isSeen || !isFree(box)) return false;
          boxes.push([box[0] - 14, box[1] - 8, box[2] + 14, box[3] + 8]);
          found.push({ name, x: x + aside, y });
          return true;
        }));
    });
    return found;
  }

  return { shapesOf, around, nearPlace, gridAt, namesOf, isLine: (kind) => Boolean(LINES[kind]) };
})();
