// The frames of the video: the picture, what it shows of each object, and when.

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
