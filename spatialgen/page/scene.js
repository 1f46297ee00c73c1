// The scene as the page has it, and what is pointed at. All text of the scene is set as text,
// never as markup.

const scene = JSON.parse(document.getElementById("scene").textContent);
const part = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");

function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  Object.assign(element, given);
  element.append(...children);
  return element;
}

// Text from a file, kept from turning the direction of what stands around it.
const foreign = (text) => make("bdi", {}, text);
const number = (value) => value.toLocaleString("en-US");
const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
const percent = (share) => `${Math.round(100 * share)} %`;
const seconds = (value) => `${value.toFixed(1)} s`;
const sides = (box) => box.size.map((side) => side.toFixed(2)).join(" \u00d7 ");

// -- what each frame shows of each object ------------------------------------------

const fractions = scene.objects.map(() => new Float32Array(scene.frames.length));
scene.frames.forEach((frame, at) => {
  for (const sighting of frame.seen) fractions[sighting.object][at] = sighting.fraction;
});
const shownIn = fractions.map((row) => row.filter((fraction) => fraction > 0).length);

const state = { frame: 0, lit: null, chosen: null, playing: 0 };
const marked = () => state.lit ?? state.chosen;
const frameNow = () => scene.frames[state.frame] ?? null;

// -- colours -----------------------------------------------------------------------

let colors = [], theme = {};

function paint() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => parseHex(style.getPropertyValue(name));
  const labels = [...new Set(scene.objects.map((thing) => thing.label))];
  const hue = new Map(labels.map((label, at) => [label, (25 + at * 137.508) % 360]));
  const light = dark.matches ? 0.76 : 0.58;
  colors = scene.objects.map((thing) => oklch(light, 0.145, hue.get(thing.label)));
  theme = {
    ink: named("--ink"), paper: named("--paper"), back: named("--wash"),
    soft: named("--soft"), accent: named("--blue"),
    wall: dark.matches ? [0.42, 0.46, 0.52] : [0.74, 0.77, 0.81],
  };
  room.paint(colors, theme);
  rows.forEach((row, object) => paintRow(row, object));
  drawFrame();
  drawBars();
}
