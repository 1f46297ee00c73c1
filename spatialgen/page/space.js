"use strict";

// Vectors are arrays of three numbers in metres, Z up. A view is a place with three
// perpendicular directions; its matrix takes the world to clip space, column by column.

const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const times = (a, s) => [a[0] * s, a[1] * s, a[2] * s];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a, b) =>
  [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const length = (a) => Math.sqrt(dot(a, a));
const unit = (a) => times(a, 1 / (length(a) || 1));
const clamp = (x, low, high) => Math.min(Math.max(x, low), high);

const NEAR = 0.03, FAR = 500;

// What lies right, up and ahead of somebody at `eye`; `focus` and `shift` are in halves of
// the canvas, across and up.
function viewMatrix(eye, right, up, ahead, focus, shift) {
  const rows = [
    add(times(right, focus[0]), times(ahead, shift[0])),
    add(times(up, focus[1]), times(ahead, shift[1])),
    times(ahead, (FAR + NEAR) / (FAR - NEAR)),
    ahead,
  ];
  const last = [0, 0, -2 * FAR * NEAR / (FAR - NEAR), 0];
  const matrix = new Float32Array(16);
  rows.forEach((row, r) => {
    for (let c = 0; c < 3; c++) matrix[4 * c + r] = row[c];
    matrix[12 + r] = last[r] - dot(row, eye);
  });
  return matrix;
}

// Clip coordinates x, y, w of a point; w is its distance along the view.
function toClip(m, x, y, z) {
  return [
    m[0] * x + m[4] * y + m[8] * z + m[12],
    m[1] * x + m[5] * y + m[9] * z + m[13],
    m[3] * x + m[7] * y + m[11] * z + m[15],
  ];
}

// The eight corners of a box; bit 2, 1, 0 of the place says which end of side 0, 1, 2.
function boxCorners(box) {
  const found = [];
  for (let k = 0; k < 8; k++) {
    let corner = box.center;
    for (let side = 0; side < 3; side++) {
      const half = box.size[side] * ((k >> (2 - side)) & 1 ? 0.5 : -0.5);
      corner = add(corner, times(box.axes[side], half));
    }
    found.push(corner);
  }
  return found;
}

const BOX_EDGES = [[0, 1], [2, 3], [4, 5], [6, 7], [0, 2], [1, 3], [4, 6], [5, 7],
  [0, 4], [1, 5], [2, 6], [3, 7]];
const BOX_SIDES = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4],
  [1, 5, 7, 3]];

// How far along a ray it enters a box; null where it misses it or begins inside.
function rayMeetsBox(eye, way, box) {
  const from = sub(eye, box.center);
  let enters = -Infinity, leaves = Infinity;
  for (let side = 0; side < 3; side++) {
    const half = Math.max(box.size[side] / 2, 0.01);
    const place = dot(from, box.axes[side]), speed = dot(way, box.axes[side]);
    if (Math.abs(speed) < 1e-9) {
      if (Math.abs(place) > half) return null;
      continue;
    }
    const a = (-half - place) / speed, b = (half - place) / speed;
    enters = Math.max(enters, Math.min(a, b));
    leaves = Math.min(leaves, Math.max(a, b));
  }
  return enters > 0 && enters <= leaves ? enters : null;
}

const inBox = (place, box) => box.axes.every((axis, side) =>
  Math.abs(dot(sub(place, box.center), axis)) <= box.size[side] / 2);

// Which boxes have so many others in them that they are a room rather than a thing in it.
function wrapping(boxes) {
  const least = Math.max(8, 0.25 * boxes.length);
  return boxes.map((box) => {
    let inside = -1;
    for (const other of boxes) inside += inBox(other.center, box);
    return inside >= least;
  });
}

// The triangles of a simple outline, by cutting off ears; indices into it.
function triangles(outline) {
  const left = outline.map((_, k) => k), found = [];
  const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
  let area = 0;
  outline.forEach((p, k) => {
    const q = outline[(k + 1) % outline.length];
    area += p[0] * q[1] - p[1] * q[0];
  });
  if (area < 0) left.reverse();
  let tries = left.length * 2;
  for (let k = 0; left.length > 3 && tries > 0; k++) {
    const n = left.length, ear = [left[k % n], left[(k + 1) % n], left[(k + 2) % n]];
    const [a, b, c] = ear.map((place) => outline[place]);
    const clear = turn(a, b, c) >= 0 && left.every((place) => ear.includes(place) ||
      turn(a, b, outline[place]) < 0 || turn(b, c, outline[place]) < 0 ||
      turn(c, a, outline[place]) < 0);
    tries -= 1;
    if (!clear) continue;
    found.push(ear);
    left.splice((k + 1) % n, 1);
    tries = left.length * 2;
  }
  if (left.length === 3) found.push(left);
  return found;
}

// Red, green, blue in 0..1 of a lightness, chroma and hue in degrees that look evenly spaced:
// the OKLCH space of CSS Color 4.
function oklch(lightness, chroma, hue) {
  const a = chroma * Math.cos(hue * Math.PI / 180), b = chroma * Math.sin(hue * Math.PI / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
  ].map((x) => clamp(x <= 0.0031308 ? 12.92 * x : 1.055 * x ** (1 / 2.4) - 0.055, 0, 1));
}

const css = (rgb, alpha = 1) =>
  `rgb(${rgb.map((x) => Math.round(255 * x)).join(" ")} / ${alpha})`;

// "#rrggbb" to 0..1.
const parseHex = (text) =>
  [1, 3, 5].map((at) => parseInt(text.trim().slice(at, at + 2), 16) / 255);

function bytes(text) {
  const raw = atob(text), found = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) found[k] = raw.charCodeAt(k);
  return found;
}
