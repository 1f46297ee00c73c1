// The page around the room, the video and the list: switches, what is known of the scene, keys.

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
