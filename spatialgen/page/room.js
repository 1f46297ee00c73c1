// The room in three dimensions: what is drawn of it, from where, and what the pointer is on.

const FIELD_OF_VIEW = 42 * Math.PI / 180;
const FRUSTUM_M = 0.28;

class Room {
  // `told` is called with what happens: hover(object or null), choose(object or null), moved().
  constructor(data, canvas, words, told) {
    this.data = data;
    this.canvas = canvas;
    this.words = words;
    this.told = told;
    this.renderer = makeRenderer(canvas);
    this.shown = { points: true, boxes: true, labels: true, path: true, pictures: true };
    this.lit = this.chosen = null;
    this.frame = null;
    this.image = null;
    this.through = false;
    this.corners = data.objects.map(boxCorners);
    this.wraps = wrapping(data.objects);
    this.points = this.readPoints(data.points);
    this.measure();
    this.overview();
    listenToPointer(this);
  }

  readPoints(given) {
    if (!given.count) return null;
    const whole = new Int16Array(bytes(given.places).buffer);
    const places = new Float32Array(whole.length);
    for (let k = 0; k < whole.length; k++) places[k] = given.origin[k % 3] + whole[k] * given.step;
    return {
      count: given.count,
      size: clamp(1.45 * given.spacing, 0.008, 0.12),
      thin: 1 / Math.sqrt(given.favour),
      places,
      normals: new Int8Array(bytes(given.normals).buffer),
      owners: new Int16Array(bytes(given.owners).buffer),
      pictured: given.colors && bytes(given.colors),
      colors: new Uint8Array(3 * given.count),
      version: 0,
    };
  }

  // The smallest upright box around everything worth seeing.
  measure() {
    const low = [Infinity, Infinity, Infinity], high = [-Infinity, -Infinity, -Infinity];
    const widen = (place) => {
      for (let c = 0; c < 3; c++) {
        low[c] = Math.min(low[c], place[c]);
        high[c] = Math.max(high[c], place[c]);
      }
    };
    this.corners.filter((_, object) => !this.wraps[object]).flat().forEach(widen);
    this.pointBounds().forEach(widen);
    this.floor = this.data.room.floor ?? (low[2] === Infinity ? 0 : low[2]);
    (this.data.room.outline || []).forEach((spot) => widen([...spot, this.floor]));
    if (this.data.path.length) this.data.path.forEach(widen);
    if (low[0] === Infinity) { low.fill(-1); high.fill(1); }
    this.middle = times(add(low, high), 0.5);
    this.reach = Math.max(length(sub(high, low)) / 2, 0.5);
  }

  // Two corners of the box that holds nearly all points; some lie astray, behind a window.
  pointBounds() {
    if (!this.points) return [];
    const { places, count } = this.points, step = Math.ceil(count / 4000);
    const ends = [0, 1, 2].map((c) => {
      const row = [];
      for (let k = 0; k < count; k += step) row.push(places[3 * k + c]);
      row.sort((a, b) => a - b);
      return [row[Math.floor(0.01 * row.length)], row[Math.floor(0.99 * row.length)]];
    });
    return [0, 1].map((end) => ends.map((pair) => pair[end]));
  }

  overview() {
    this.look({ yaw: -0.9, pitch: 0.72, target: this.middle });
  }

  fromAbove() {
    this.look({ yaw: -Math.PI / 2, pitch: Math.PI / 2 - 0.001, target: this.middle });
  }

  look({ yaw, pitch, target }) {
    const wide = Math.min(1, this.canvas.clientWidth / Math.max(this.canvas.clientHeight, 1));
    Object.assign(this, { yaw, pitch, target, through: false });
    this.distance = 1.04 * this.reach / Math.sin(FIELD_OF_VIEW / 2) / Math.max(wide, 0.45);
    this.redraw();
  }

  lookAt(object) {
    const box = this.data.objects[object];
    this.through = false;
    this.target = box.center;
    this.distance = Math.max(2.2 * length(box.size), 1.4);
    this.redraw();
    this.told.moved();
  }

  lookThrough() {
    this.through = true;
    this.redraw();
  }

  show(frame, image) {
    this.frame = frame;
    this.image = image;
    this.redraw();
  }

  mark(lit, chosen) {
    this.lit = lit;
    this.chosen = chosen;
    this.redraw();
  }

  // -- colours --------------------------------------------------------------------

  // `colors` has red, green, blue in 0..1 for each object.
  paint(colors, theme) {
    this.colors = colors;
    this.theme = theme;
    // What no picture shows of an object, between its colour and that of a wall.
    this.pale = colors.map((rgb) => add(times(rgb, 0.3), times(theme.wall, 0.7)));
    this.repaint();
  }

  repaint() {
    const points = this.points;
    if (points) {
      const pictured = this.shown.pictures && points.pictured;
      for (let k = 0; k < points.count; k++) {
        const at = 3 * k, owner = points.owners[k];
        const known = pictured && pictured[at] + pictured[at + 1] + pictured[at + 2] > 0;
        const light = 0.72 + 0.28 * Math.abs(
          0.36 * points.normals[at] + 0.48 * points.normals[at + 1] + 0.8 * points.normals[at + 2]
        ) / 127;
        const base = owner < 0 ? this.theme.wall : pictured ? this.pale[owner] : this.colors[owner];
        for (let c = 0; c < 3; c++) {
          points.colors[at + c] = known ? pictured[at + c] : 255 * base[c] * light;
        }
      }
      points.version += 1;
    }
    this.redraw();
  }

  // -- drawing --------------------------------------------------------------------

  redraw() {
    if (this.waiting) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      if (this.theme) this.draw();
    });
  }

  draw() {
    const ratio = Math.min(devicePixelRatio || 1, 2);
    for (const canvas of [this.canvas, this.words]) {
      const wide = Math.max(Math.round(canvas.clientWidth * ratio), 1);
      const high = Math.max(Math.round(canvas.clientHeight * ratio), 1);
      if (canvas.width !== wide || canvas.height !== high) {
        canvas.width = wide;
        canvas.height = high;
      }
    }
    this.view = this.through && this.frame ? this.cameraView() : this.orbitView();
    this.renderer.draw(this.view, this.layers(ratio), {
      paper: this.theme.back,
      pointSize: this.points ? this.points.size : 0,
      lit: this.marked() ?? -2,
      fade: this.marked() === null ? 0 : 0.55,
    });
    this.drawWords(ratio);
  }

  marked() {
    return this.lit ?? this.chosen;
  }

  orbitView() {
    const { yaw, pitch, target, distance } = this;
    const back = [Math.cos(pitch) * Math.cos(yaw), Math.cos(pitch) * Math.sin(yaw), Math.sin(pitch)];
    const eye = add(target, times(back, distance)), ahead = times(back, -1);
    const right = [-Math.sin(yaw), Math.cos(yaw), 0], up = cross(right, ahead);
    const focus = 1 / Math.tan(FIELD_OF_VIEW / 2);
    const aspect = this.canvas.width / this.canvas.height;
    const matrix = viewMatrix(eye, right, up, ahead, [focus / aspect, focus], [0, 0]);
    return { eye, right, up, ahead, matrix, focus };
  }

  // What the camera saw, as large as the canvas allows.
  cameraView() {
    const { pose, lens, width, height } = this.frame;
    const column = (c) => pose.map((row) => row[c]);
    const [right, down, ahead, eye] = [0, 1, 2, 3].map(column);
    const up = times(down, -1);
    const [fx, fy, cx, cy] = lens || [width / 2, width / 2, (width - 1) / 2, (height - 1) / 2];
    const scale = Math.min(this.canvas.width / width, this.canvas.height / height);
    const across = 2 * scale / this.canvas.width, upwards = 2 * scale / this.canvas.height;
    const focus = [fx * across, fy * upwards];
    const shift = [(cx + 0.5 - width / 2) * across, -(cy + 0.5 - height / 2) * upwards];
    const matrix = viewMatrix(eye, right, up, ahead, focus, shift);
    return { eye, right, up, ahead, matrix, focus: focus[1] };
  }

  layers(ratio) {
    const lines = [], over = [], faces = [];
    const line = (list, a, b, rgb, alpha, width) =>
      list.push(...a, ...b, ...rgb, alpha, width * ratio);
    this.drawFloor(faces, line.bind(null, lines));
    if (this.shown.path) this.drawPath(line.bind(null, lines), line.bind(null, over));
    if (this.shown.boxes) this.drawBoxes(faces, lines, over, line);
    const backdrop = this.through && this.frame && this.frame.lens && this.image;
    return {
      lines, over, faces,
      points: this.shown.points && !backdrop ? this.points : null,
      picture: this.pictureLayer(backdrop),
    };
  }

  pictureLayer(backdrop) {
    const frame = this.frame;
    if (!frame || !frame.lens || !this.image || frame.outline.length !== 4) return null;
    if (this.through) return backdrop ? this.onOutline(1, true) : null;
    return this.shown.path ? this.onOutline(1.6 * FRUSTUM_M, false) : null;
  }

  onOutline(depth, behind) {
    return { corners: this.outline(this.frame, depth), image: this.image, behind };
  }

  outline(frame, depth) {
    const place = (way) => frame.pose.map((row) => dot(row, way) + row[3]);
    // Straight ahead the outline lies in a plane; beside a fisheye it can't.
    return frame.outline.map((way) => place(times(way, depth / Math.max(way[2], 0.35))));
  }

  drawFloor(faces, line) {
    const outline = this.data.room.outline;
    if (!outline || this.through) return;
    const raised = outline.map((spot) => [...spot, this.floor]);
    this.floorTriangles ??= triangles(outline);
    for (const place of this.floorTriangles.flat()) {
      faces.push(...raised[place], ...this.theme.ink, 0.05);
    }
    raised.forEach((a, k) => line(a, raised[(k + 1) % raised.length], this.theme.ink, 0.55, 1.6));
  }

  drawPath(line, over) {
    const { path, frames } = this.data, accent = this.theme.accent;
    if (this.through) return;
    for (let k = 1; k < path.length; k++) line(path[k - 1], path[k], accent, 0.75, 1.8);
    for (const frame of frames) {
      const here = frame === this.frame, pen = here ? over : line;
      const corners = this.outline(frame, here ? 1.6 * FRUSTUM_M : 0.5 * FRUSTUM_M);
      const eye = frame.pose.map((row) => row[3]);
      corners.forEach((corner, k) => {
        const next = corners[(k + 1) % corners.length];
        pen(corner, next, accent, here ? 1 : 0.4, here ? 2.2 : 1);
        if (corners.length <= 4 || k % 6 === 0) pen(eye, corner, accent, here ? 1 : 0.4, here ? 2.2 : 1);
      });
    }
  }

  drawBoxes(faces, lines, over, line) {
    const marked = this.marked(), hidden = this.hidden();
    this.corners.forEach((corners, object) => {
      if (hidden(object)) return;
      const rgb = this.colors[object], here = object === this.lit || object === this.chosen;
      const alpha = here ? 1 : marked === null && !this.wraps[object] ? 0.85 : 0.28;
      for (const [a, b] of BOX_EDGES) {
        line(lines, corners[a], corners[b], rgb, alpha, here ? 2.6 : 1.4);
        if (here) line(over, corners[a], corners[b], rgb, 0.6, 2.2);
        else if (marked === null) line(over, corners[a], corners[b], rgb, 0.25, 1);
      }
      if (!here && (this.points || this.through || this.wraps[object])) return;
      for (const [a, b, c, d] of BOX_SIDES) {
        for (const k of [a, b, c, a, c, d]) faces.push(...corners[k], ...rgb, here ? 0.2 : 0.1);
      }
    });
  }

  // Through the camera only what it saw is drawn, or what is pointed at.
  hidden() {
    if (!this.through || !this.frame) return () => false;
    const seen = new Set(this.frame.seen.map((sighting) => sighting.object));
    return (object) => !seen.has(object) && object !== this.lit && object !== this.chosen;
  }

  // -- words ----------------------------------------------------------------------

  drawWords(ratio) {
    const context = this.words.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.words.clientWidth, this.words.clientHeight);
    if (!this.shown.labels || !this.shown.boxes) return;
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    const taken = [], marked = this.marked();
    for (const { object, x, y } of this.wordPlaces()) {
      const here = object === marked;
      if (marked !== null && !here) continue;
      const text = shortened(this.data.objects[object].label, 26);
      const wide = context.measureText(text).width + 10;
      const spot = [x - wide / 2, y - 9, x + wide / 2, y + 9];
      if (taken.some((other) => overlapping(other, spot))) continue;
      taken.push(spot);
      drawTag(context, text, spot, this.colors[object], this.theme);
    }
  }

  // Where labels go, those nearest to the eye first.
  wordPlaces() {
    const { clientWidth: wide, clientHeight: high } = this.words, found = [];
    const far = this.reach * 4 + this.distance, hidden = this.hidden();
    this.data.objects.forEach((box, object) => {
      if (hidden(object)) return;
      const top = Math.max(...this.corners[object].map((corner) => corner[2]));
      const [x, y, w] = toClip(this.view.matrix, box.center[0], box.center[1], top);
      if (w < NEAR || w > far || Math.abs(x) > w || Math.abs(y) > w) return;
      found.push({ object, x: (x / w + 1) * wide / 2, y: (1 - y / w) * high / 2 - 8, w });
    });
    return found.sort((a, b) => a.w - b.w || a.object - b.object);
  }

  // -- pointer --------------------------------------------------------------------

  // The object under a place of the canvas, in its pixels, or null.
  pick(x, y) {
    if (!this.view || !this.shown.boxes) return null;
    const { eye, right, up, ahead, matrix } = this.view;
    const across = 2 * x / this.canvas.clientWidth - 1, upwards = 1 - 2 * y / this.canvas.clientHeight;
    // Rows of the matrix are the directions times focus, plus a shift ahead.
    const row = (r) => [matrix[r], matrix[4 + r], matrix[8 + r]];
    const solve = (r, side, value) => (value - dot(row(r), ahead)) / dot(row(r), side);
    const way = unit(add(ahead, add(times(right, solve(0, right, across)), times(up, solve(1, up, upwards)))));
    const hits = [], hidden = this.hidden();
    this.data.objects.forEach((box, object) => {
      if (hidden(object)) return;
      const far = rayMeetsBox(eye, way, box);
      if (far !== null) hits.push({ object, far });
    });
    hits.sort((a, b) => a.far - b.far);
    // What stands inside another box is met later, and is meant rather than that box.
    const objects = this.data.objects;
    let best = hits[0];
    for (const hit of hits) {
      if (inBox(objects[hit.object].center, objects[best.object])) best = hit;
    }
    return best ? best.object : null;
  }

  turn(right, down) {
    this.leaveCamera();
    this.yaw -= right;
    this.pitch = clamp(this.pitch + down, -0.35, Math.PI / 2 - 0.001);
    this.redraw();
  }

  pan(dx, dy) {
    this.leaveCamera();
    const { right, up } = this.orbitView();
    const step = 2 * this.distance * Math.tan(FIELD_OF_VIEW / 2) / Math.max(this.canvas.clientHeight, 1);
    this.target = add(this.target, add(times(right, -dx * step), times(up, dy * step)));
    this.redraw();
  }

  zoom(factor) {
    this.leaveCamera();
    this.distance = clamp(this.distance * factor, 0.15, 12 * this.reach);
    this.redraw();
  }

  leaveCamera() {
    this.through = false;
    this.told.moved();
  }
}
