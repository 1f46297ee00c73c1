// The list of objects, and marking one of them everywhere.

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
    row.append(make("span", { className: "seen" }),
      make("span", { className: "first", title: seen }, first || "never"));
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
