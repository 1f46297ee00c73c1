// The page around the room: the video, the list of objects, what is known of the scene.
// All text of the scene is set as text, never as markup.

const scene = JSON.parse(document.getElementById("scene").textContent);
const part = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");

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
    ink: named("--ink"), paper: named("--paper"), back: named("--wash"), line: named("--line"),
    soft: named("--soft"), accent: named("--blue"),
    wall: dark.matches ? [0.42, 0.46, 0.52] : [0.74, 0.77, 0.81],
  };
  room.paint(colors, theme);
  rows.forEach((row, object) => paintRow(row, object));
  drawFrame();
  drawBars();
}

// -- the list ----------------------------------------------------------------------

const rows = scene.objects.map(makeRow);
const list = part("objects");

function makeRow(thing, object) {
  const first = thing.firstSeen === null ? "" : seconds(thing.firstSeen);
  const row = make("button", { className: "row", type: "button" });
  row.append(
    make("span", { className: "dot" }),
    make("span", { className: "name" }, foreign(thing.label), make("small", {}, foreign(thing.id))),
    make("span", { className: "size" }, `${sides(thing)} m`),
  );
  if (scene.frames.length) {
    const seen = thing.firstSeen === null ? "never seen" : `first seen at ${first}`;
    row.append(make("span"), make("span", { className: "seen" }),
      make("span", { className: "first" }, first || "never"));
    row.lastChild.title = seen;
    row.children[3].remove();
    row.setAttribute("aria-label",
      `${thing.label}, ${seen}, in ${shownIn[object]} of ${counted(scene.frames.length, "frame")}`);
  }
  row.setAttribute("aria-pressed", "false");
  row.addEventListener("pointerenter", () => light(object));
  row.addEventListener("pointerleave", () => light(null));
  row.addEventListener("focus", () => row.matches(":focus-visible") && light(object));
  row.addEventListener("blur", () => light(null));
  row.addEventListener("click", (event) => {
    const strip = event.target.closest(".seen");
    if (!strip) {
      choose(state.chosen === object ? null : object);
      return;
    }
    const frame = strip.getBoundingClientRect();
    choose(object);
    goTo(Math.floor((event.clientX - frame.left) / frame.width * scene.frames.length));
  });
  row.addEventListener("dblclick", () => room.lookAt(object));
  return row;
}

// In which frames an object is visible, as stripes as strong as its visible share.
function paintRow(button, object) {
  button.firstChild.style.backgroundColor = css(colors[object]);
  const strip = button.querySelector(".seen");
  if (!strip) return;
  const share = 100 / scene.frames.length, stops = [], row = fractions[object];
  for (let at = 0, end; at < row.length; at = end) {
    for (end = at + 1; row[end] === row[at];) end += 1;
    const tint = row[at] > 0 ? css(colors[object], 0.25 + 0.75 * row[at]) : "transparent";
    stops.push(`${tint} ${(at * share).toFixed(3)}% ${(end * share).toFixed(3)}%`);
  }
  const gap = scene.frames.length > 64 ? "" : `repeating-linear-gradient(to right,
    transparent 0 calc(${share}% - 1px), var(--paper) calc(${share}% - 1px) ${share}%),`;
  strip.style.backgroundImage = `${gap}linear-gradient(to right, ${stops.join(",")})`;
}

const ORDERS = {
  label: ["by label", (a, b) => compare(scene.objects[a].label, scene.objects[b].label)],
  first: ["as first seen", (a, b) => firstOf(a) - firstOf(b)],
  here: ["in this frame", (a, b) => fractions[b][state.frame] - fractions[a][state.frame]],
  size: ["by size", (a, b) => volume(b) - volume(a)],
};
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const firstOf = (object) => scene.objects[object].firstSeen ?? 1e9;
const volume = (object) => scene.objects[object].size.reduce((all, side) => all * side, 1);

function listObjects() {
  const words = part("search").value.trim().toLowerCase();
  const order = ORDERS[part("order").value][1];
  const fits = (object) => !words || scene.objects[object].label.toLowerCase().includes(words) ||
    scene.objects[object].id.toLowerCase().includes(words);
  const found = rows.map((_, object) => object).filter(fits).sort((a, b) => order(a, b) || a - b);
  list.replaceChildren(...found.map((object) => make("li", {}, rows[object])));
  const all = counted(scene.objects.length, "object");
  const left = scene.left_out ? `; ${number(scene.left_out)} more are in the scene` : "";
  part("count").textContent = (words ? `${number(found.length)} of ${all}` : all) + left;
}

// -- what is pointed at --------------------------------------------------------------

function light(object) {
  if (state.lit === object) return;
  state.lit = object;
  mark();
}

// Choose an object, or none; the video goes to where it is seen best if it is not in view.
function choose(object, scroll = false) {
  state.chosen = object;
  if (object !== null && shownIn[object] && !fractions[object][state.frame]) {
    goTo(fractions[object].indexOf(Math.max(...fractions[object])));
  }
  mark();
  if (scroll && object !== null) rows[object].scrollIntoView({ block: "nearest" });
}

function mark() {
  rows.forEach((row, object) => {
    row.classList.toggle("lit", object === state.lit);
    row.classList.toggle("chosen", object === state.chosen);
    row.setAttribute("aria-pressed", String(object === state.chosen));
  });
  room.mark(state.lit, state.chosen);
  part("solid").classList.toggle("over", state.lit !== null);
  tell();
  drawFrame();
  drawBars();
}

function tell() {
  const object = marked(), told = part("told");
  told.hidden = object === null;
  part("hint").hidden = object !== null;
  if (object === null) return;
  const thing = scene.objects[object], parts = [`${sides(thing)} m`];
  if (scene.frames.length) {
    parts.push(thing.firstSeen === null ? "never seen" : `first seen at ${seconds(thing.firstSeen)}`);
    parts.push(`in ${shownIn[object]} of ${counted(scene.frames.length, "frame")}`);
  }
  const words = make("span", {}, ` \u00b7 ${parts.join(" \u00b7 ")}`);
  told.replaceChildren(make("b", {}, foreign(shortened(thing.label, 80))), words);
}

// -- the video -----------------------------------------------------------------------

const images = new Map();

// The picture of a frame, null until it is there; `then` is called once it is.
function imageOf(frame, then) {
  if (!frame || !frame.picture) return null;
  if (!images.has(frame)) {
    const image = new Image();
    images.set(frame, image);
    image.decoding = "async";
    image.addEventListener("load", then);
    image.src = frame.picture;
  }
  const image = images.get(frame);
  return image.complete && image.naturalWidth ? image : null;
}

function goTo(at) {
  state.frame = clamp(at, 0, Math.max(scene.frames.length - 1, 0));
  showFrame();
}

// The frame to begin with: the first of those that show the most objects.
function richest() {
  const shown = scene.frames.map((frame) => frame.seen.length);
  return Math.max(shown.indexOf(Math.max(...shown)), 0);
}

function showFrame() {
  const frame = frameNow();
  if (!frame) return;
  const slider = part("slider"), shown = counted(frame.seen.length, "object");
  slider.value = String(state.frame);
  slider.setAttribute("aria-valuetext", `frame ${frame.index}, ${seconds(frame.time)}`);
  part("when").textContent = `frame ${number(frame.index)} \u00b7 ${seconds(frame.time)}`;
  part("picture").setAttribute("aria-label", `Frame ${frame.index}, which shows ${shown}`);
  part("picture").dataset.frame = String(frame.index);
  rows.forEach((row, object) => row.classList.toggle("away", !fractions[object][state.frame]));
  const image = imageOf(frame, () => frame === frameNow() && showFrame());
  room.show(frame, image);
  drawFrame();
  drawBars();
  if (part("order").value === "here") listObjects();
}

function drawFrame() {
  const frame = frameNow(), canvas = part("picture");
  if (!frame || !theme.ink) return;
  const wide = canvas.clientWidth || 400, high = Math.round(wide * frame.height / frame.width);
  const ratio = Math.min(devicePixelRatio || 1, 2);
  canvas.width = wide * ratio;
  canvas.height = high * ratio;
  canvas.style.aspectRatio = `${frame.width} / ${frame.height}`;
  const context = canvas.getContext("2d"), image = imageOf(frame, () => {});
  context.scale(ratio, ratio);
  if (image) {
    context.drawImage(image, 0, 0, wide, high);
  } else if (!frame.picture) {
    context.fillStyle = css(theme.soft);
    context.font = "13px system-ui, sans-serif";
    context.textAlign = "center";
    context.fillText(`no picture: ${frame.missing.replaceAll("_", " ")}`, wide / 2, high / 2);
  }
  drawSightings(context, frame, wide, high);
}

// More labels than this would hide the picture.
const MOST_TAGS = 14;

function drawSightings(context, frame, wide, high) {
  const object = marked(), taken = [];
  const area = (sighting) => (sighting.box[2] - sighting.box[0]) * (sighting.box[3] - sighting.box[1]);
  const ordered = [...frame.seen].sort((a, b) => area(b) - area(a));
  for (const sighting of ordered) {
    const here = sighting.object === object, [x0, y0, x1, y1] = sighting.box;
    context.globalAlpha = object === null ? 0.95 : here ? 1 : 0.22;
    context.setLineDash(sighting.truncated ? [5, 3] : []);
    context.lineWidth = here ? 3 : 1.6;
    context.strokeStyle = css(colors[sighting.object]);
    context.strokeRect(x0 * wide, y0 * high, (x1 - x0) * wide, (y1 - y0) * high);
  }
  context.setLineDash([]);
  context.globalAlpha = 1;
  context.font = "11.5px system-ui, sans-serif";
  context.textBaseline = "middle";
  const named = ordered.filter((sighting) => object === null || sighting.object === object);
  for (const sighting of named.reverse().sort((a, b) => b.pixels - a.pixels)) {
    const label = shortened(scene.objects[sighting.object].label, 22);
    const text = `${label} ${percent(sighting.fraction)}`, size = context.measureText(text).width + 9;
    const left = clamp(sighting.box[0] * wide, 1, Math.max(wide - size - 1, 1));
    const top = clamp(sighting.box[1] * high - 16, 1, high - 17);
    const spot = [left, top, left + size, top + 16];
    if (taken.length === MOST_TAGS) return;
    if (taken.some((other) => overlapping(other, spot))) continue;
    taken.push(spot);
    drawTag(context, text, spot, colors[sighting.object], theme);
  }
}

// Above the slider: how much of the marked object each frame shows, or how many objects.
function drawBars() {
  const canvas = part("bars"), ratio = Math.min(devicePixelRatio || 1, 2);
  if (!scene.frames.length || !theme.ink) return;
  const wide = canvas.clientWidth, high = canvas.clientHeight, object = marked();
  canvas.width = wide * ratio;
  canvas.height = high * ratio;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  const most = Math.max(...scene.frames.map((frame) => frame.seen.length), 1);
  const step = wide / scene.frames.length;
  scene.frames.forEach((frame, at) => {
    const share = object === null ? frame.seen.length / most : fractions[object][at];
    const tall = share > 0 ? Math.max(share * (high - 15), 2) : 0;
    const rgb = object === null ? theme.soft : colors[object];
    context.fillStyle = css(rgb, at === state.frame ? 1 : 0.45);
    context.fillRect(at * step + 0.5, high - tall, Math.max(step - 1, 1), tall);
    if (at === state.frame) {
      context.fillStyle = css(theme.accent, 0.16);
      context.fillRect(at * step, 0, step, high);
    }
  });
  context.fillStyle = css(theme.soft);
  context.font = "11px system-ui, sans-serif";
  context.fillText(object === null ? `objects in view, up to ${most}` : "visible share", 1, 9);
}

function play(on) {
  clearInterval(state.playing);
  state.playing = on ? setInterval(() => goTo((state.frame + 1) % scene.frames.length), 350) : 0;
  part("play").textContent = on ? "pause" : "play";
  part("play").setAttribute("aria-pressed", String(on));
}

function sightingAt(event) {
  const frame = part("picture").getBoundingClientRect();
  const x = (event.clientX - frame.left) / frame.width, y = (event.clientY - frame.top) / frame.height;
  const area = ({ box }) => (box[2] - box[0]) * (box[3] - box[1]);
  const under = frameNow().seen.filter(({ box }) =>
    x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
  under.sort((a, b) => area(a) - area(b));
  return under.length ? under[0].object : null;
}

// -- the switches ----------------------------------------------------------------------

function makeSwitches() {
  const layers = [
    ["points", "Points", Boolean(room.points)],
    ["pictures", "Colours", Boolean(room.points && room.points.pictured)],
    ["boxes", "Boxes", true],
    ["labels", "Labels", true],
    ["path", "Camera", scene.path.length > 0],
  ];
  for (const [name, text, there] of layers) {
    const button = make("button", { type: "button", disabled: !there }, text);
    room.shown[name] = there;
    button.setAttribute("aria-pressed", String(there));
    button.addEventListener("click", () => {
      room.shown[name] = !room.shown[name];
      button.setAttribute("aria-pressed", String(room.shown[name]));
      room.repaint();
    });
    button.title = { pictures: "Points in the colours of the pictures, or of the objects" }[name] ?? "";
    part("layers").append(button);
  }
  const views = [
    ["Overview", () => room.overview()],
    ["From above", () => room.fromAbove()],
    ["From the camera", () => room.lookThrough()],
  ];
  views.forEach(([text, go], at) => {
    const button = make("button", { type: "button" }, text);
    button.disabled = at === 2 && !scene.frames.length;
    button.setAttribute("aria-pressed", String(at === 0));
    button.addEventListener("click", () => {
      go();
      viewIs(at);
    });
    part("views").append(button);
  });
}

function viewIs(place) {
  [...part("views").children].forEach((button, at) =>
    button.setAttribute("aria-pressed", String(at === place)));
}

// -- what is known ---------------------------------------------------------------------

function writeFacts() {
  part("name").append(foreign(scene.name));
  const facts = [[number(scene.objects.length + scene.left_out), "objects"],
    [number(scene.categories), "labels"]];
  if (scene.room.area !== null) facts.push([scene.room.area.toFixed(1), "m\u00b2 floor"]);
  if (scene.room.height !== null) facts.push([scene.room.height.toFixed(2), "m high"]);
  if (scene.video) facts.push([number(scene.video.frames), "video frames"]);
  const entries = facts.map(([value, unit]) => make("li", {}, make("b", {}, value), ` ${unit}`));
  if (scene.notes.length) {
    const link = make("a", { href: "#about" }, counted(scene.notes.length, "warning"));
    entries.push(make("li", {}, link));
  }
  part("facts").append(...entries);
}

function writeAbout() {
  const { room: space, video } = scene, seen = scene.objects.filter((thing) => thing.firstSeen !== null);
  const facts = [["Scene", scene.name], ["Place", scene.space]];
  facts.push(["Floor", space.area === null ? "area not known" : `${space.area.toFixed(2)} m\u00b2`]);
  facts.push(["Outline", space.outline ? counted(space.outline.length, "corner") : "not known"]);
  facts.push(["Height", space.height === null ? "not known" : `${space.height.toFixed(2)} m`]);
  if (scene.points.count) facts.push(["Points shown", number(scene.points.count)]);
  if (video) {
    const lens = video.fisheye ? ", fisheye" : "";
    facts.push(["Video", `${counted(video.frames, "frame")}, ${number(video.usable_poses)} with a usable pose`]);
    if (video.size) facts.push(["Frame size", `${video.size.join(" \u00d7 ")} px${lens}`]);
    if (video.first_s !== null) facts.push(["Time", `${seconds(video.first_s)} to ${seconds(video.last_s)}`]);
    facts.push(["Depth images", video.depth ? "yes" : "none"]);
  }
  if (scene.frames.length) {
    facts.push(["Frames shown", `${scene.frames.length}, evenly taken`]);
    facts.push(["Objects seen", `${seen.length} of ${scene.objects.length}`]);
  }
  const known = make("dl");
  for (const [name, value] of facts) known.append(make("dt", {}, name), make("dd", {}, foreign(value)));
  const notes = make("ul", {}, ...scene.notes.map((note) => make("li", { className: "warning" },
    make("b", {}, foreign(note.code)), " ", foreign(note.detail))));
  const lacks = make("ul", {}, ...scene.lacks.map((lack) =>
    make("li", { className: "lack" }, foreign(lack))));
  const block = (title, content, none) => make("section", {}, make("h2", {}, title),
    content.children.length ? content : make("p", { className: "soft" }, none));
  part("about").append(
    block("What is known", known, ""),
    block("Warnings", notes, "None."),
    block("What can't be asked", lacks, "Nothing is known to be missing."),
  );
}

// -- beginning -------------------------------------------------------------------------

const room = new Room(scene, part("solid"), part("words"), {
  hover: light,
  choose: (object) => choose(object === state.chosen ? null : object, true),
  moved: () => viewIs(-1),
});

function begin() {
  for (const [name, [text]] of Object.entries(ORDERS)) {
    if (scene.frames.length || name === "label" || name === "size") {
      part("order").append(make("option", { value: name }, text));
    }
  }
  if (scene.frames.length) part("order").value = "first";
  part("video").hidden = !scene.frames.length;
  if (scene.frames.length) part("hint").append(" \u00b7 \u2190 \u2192 for the frames");
  part("slider").max = String(Math.max(scene.frames.length - 1, 0));
  part("solid").dataset.renderer = room.renderer instanceof GlRenderer ? "webgl2" : "canvas";
  part("solid").setAttribute("aria-label",
    `${counted(scene.objects.length, "object")} as boxes in the room; the list names them`);
  makeSwitches();
  writeFacts();
  writeAbout();
  listObjects();
  goTo(richest());
  paint();
  listen();
}

function listen() {
  part("search").addEventListener("input", listObjects);
  part("order").addEventListener("change", listObjects);
  part("slider").addEventListener("input", (event) => goTo(Number(event.target.value)));
  part("back").addEventListener("click", () => goTo(state.frame - 1));
  part("on").addEventListener("click", () => goTo(state.frame + 1));
  part("play").addEventListener("click", () => play(!state.playing));
  part("strip").addEventListener("pointerdown", (event) => {
    const frame = part("strip").getBoundingClientRect();
    goTo(Math.floor((event.clientX - frame.left) / frame.width * scene.frames.length));
  });
  const picture = part("picture");
  picture.addEventListener("pointermove", (event) => {
    const object = sightingAt(event);
    picture.classList.toggle("over", object !== null);
    light(object);
  });
  picture.addEventListener("pointerleave", () => light(null));
  picture.addEventListener("click", (event) => choose(sightingAt(event), true));
  document.addEventListener("keydown", onKey);
  dark.addEventListener("change", paint);
  new ResizeObserver(() => { drawFrame(); drawBars(); }).observe(part("video"));
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inText = event.target.matches("input, select");
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.key === "Escape") {
    choose(null);
  } else if (inText) {
    return;
  } else if (step && scene.frames.length) {
    event.preventDefault();
    goTo(state.frame + step);
  } else if (event.target === part("solid") && "+-".includes(event.key)) {
    room.zoom(event.key === "+" ? 0.85 : 1 / 0.85);
  } else if (event.key === "/") {
    event.preventDefault();
    part("search").focus();
  }
}

begin();
