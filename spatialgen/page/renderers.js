// Two ways to draw the same layers. A layer is plain numbers:
//   points    {count, places, normals, owners, colors, version}, see `Room`
//   faces     triangles, 7 numbers a corner: place, red, green, blue, opacity
//   lines     11 numbers each: two ends, red, green, blue, opacity, width in pixels
//   over      lines that nothing hides
//   picture   {corners, image, behind}: a picture on four corners, upper left one first

const POINT_SHADER = `#version 300 es
in vec3 place; in vec3 normal; in float owner; in vec3 color;
uniform mat4 matrix; uniform vec3 eye; uniform vec3 paper; uniform float size, thin, lit, fade;
out vec3 paint;
void main() {
  gl_Position = matrix * vec4(place, 1.0);
  // Walls, floor and ceiling show only their inner side, so that one sees into the room.
  if (owner < 0.0 && dot(normal, eye - place) < 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  gl_PointSize = clamp((owner < 0.0 ? size : size * thin) / gl_Position.w, 1.5, 48.0);
  paint = mix(color, paper, owner == lit ? 0.0 : fade);
}`;
const POINT_COLOR = `#version 300 es
precision mediump float; in vec3 paint; out vec4 result;
void main() {
  vec2 aside = gl_PointCoord - 0.5;
  if (dot(aside, aside) > 0.25) discard;
  result = vec4(paint, 1.0);
}`;
const FACE_SHADER = `#version 300 es
in vec3 place; in vec4 color; uniform mat4 matrix; out vec4 paint;
void main() { gl_Position = matrix * vec4(place, 1.0); paint = color; }`;
const LINE_SHADER = `#version 300 es
in vec3 a; in vec3 b; in vec4 color; in float width;
uniform mat4 matrix; uniform vec2 canvas; uniform float near; out vec4 paint;
void main() {
  vec4 from = matrix * vec4(a, 1.0), to = matrix * vec4(b, 1.0);
  paint = color;
  if (from.w < near && to.w < near) { gl_Position = vec4(2.0, 2.0, 2.0, 1.0); return; }
  if (from.w < near) from = mix(from, to, (near - from.w) / (to.w - from.w));
  if (to.w < near) to = mix(to, from, (near - to.w) / (from.w - to.w));
  vec2 along = (to.xy / to.w - from.xy / from.w) * canvas;
  along = length(along) > 1e-4 ? normalize(along) : vec2(1.0, 0.0);
  vec4 here = gl_VertexID < 2 ? from : to;
  float side = (gl_VertexID & 1) == 0 ? 1.0 : -1.0;
  here.xy += vec2(-along.y, along.x) * side * width / canvas * here.w;
  here.z -= 0.0004 * here.w;
  gl_Position = here;
}`;
const PLAIN_COLOR = `#version 300 es
precision mediump float; in vec4 paint; out vec4 result;
void main() { result = vec4(paint.rgb * paint.a, paint.a); }`;
const PICTURE_SHADER = `#version 300 es
in vec3 place; in vec2 at; uniform mat4 matrix; out vec2 where;
void main() { gl_Position = matrix * vec4(place, 1.0); where = at; }`;
const PICTURE_COLOR = `#version 300 es
precision mediump float; in vec2 where; uniform sampler2D image; out vec4 result;
void main() { result = vec4(texture(image, where).rgb, 1.0); }`;

class GlRenderer {
  // Draws with WebGL 2; throws where there is none.
  constructor(canvas) {
    this.canvas = canvas;
    this.gl = canvas.getContext("webgl2", { antialias: true, preserveDrawingBuffer: true });
    if (!this.gl) throw new Error("no WebGL 2");
    this.begin();
  }

  begin() {
    const gl = this.gl;
    this.points = this.program(POINT_SHADER, POINT_COLOR);
    this.faces = this.program(FACE_SHADER, PLAIN_COLOR);
    this.lines = this.program(LINE_SHADER, PLAIN_COLOR);
    this.pictures = this.program(PICTURE_SHADER, PICTURE_COLOR);
    this.buffers = {};
    this.loaded = {};
    this.texture = null;
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }

  program(vertex, fragment) {
    const gl = this.gl, made = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    return made;
  }

  // Put an array where shaders read it; `version` says when it is another one.
  load(name, array, version) {
    const gl = this.gl;
    this.buffers[name] ??= gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[name]);
    if (version !== undefined && this.loaded[name] === version) return;
    gl.bufferData(gl.ARRAY_BUFFER, array, gl.DYNAMIC_DRAW);
    this.loaded[name] = version;
  }

  attribute(program, name, size, type, normalized, stride, offset, divisor = 0) {
    const gl = this.gl, at = gl.getAttribLocation(program, name);
    gl.enableVertexAttribArray(at);
    gl.vertexAttribPointer(at, size, type, normalized, stride, offset);
    gl.vertexAttribDivisor(at, divisor);
  }

  use(program, matrix) {
    const gl = this.gl;
    for (let at = 0; at < 8; at++) gl.disableVertexAttribArray(at);
    gl.useProgram(program);
    gl.uniformMatrix4fv(gl.getUniformLocation(program, "matrix"), false, matrix);
    return (name) => gl.getUniformLocation(program, name);
  }

  draw(view, layers, look) {
    const gl = this.gl;
    gl.viewport(0, 0, this.canvas.width, this.canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.disable(gl.BLEND);
    if (layers.picture) this.drawPicture(view, layers.picture);
    if (layers.points) this.drawPoints(view, layers.points, look);
    gl.enable(gl.BLEND);
    gl.depthMask(false);
    this.drawFaces(view, layers.faces);
    this.drawLines(view, layers.lines, "lines");
    gl.disable(gl.DEPTH_TEST);
    this.drawLines(view, layers.over, "over");
    gl.enable(gl.DEPTH_TEST);
    gl.depthMask(true);
  }

  drawPoints(view, points, look) {
    const gl = this.gl, at = this.use(this.points, view.matrix);
    gl.uniform3fv(at("eye"), view.eye);
    gl.uniform3fv(at("paper"), look.paper);
    gl.uniform1f(at("size"), look.pointSize * view.focus * this.canvas.height / 2);
    gl.uniform1f(at("thin"), points.thin);
    gl.uniform1f(at("lit"), look.lit);
    gl.uniform1f(at("fade"), look.fade);
    this.load("places", points.places, 1);
    this.attribute(this.points, "place", 3, gl.FLOAT, false, 0, 0);
    this.load("normals", points.normals, 1);
    this.attribute(this.points, "normal", 3, gl.BYTE, true, 0, 0);
    this.load("owners", points.owners, 1);
    this.attribute(this.points, "owner", 1, gl.SHORT, false, 0, 0);
    this.load("colors", points.colors, points.version);
    this.attribute(this.points, "color", 3, gl.UNSIGNED_BYTE, true, 0, 0);
    gl.drawArrays(gl.POINTS, 0, points.count);
  }

  drawFaces(view, faces) {
    if (!faces.length) return;
    const gl = this.gl;
    this.use(this.faces, view.matrix);
    this.load("faces", new Float32Array(faces));
    this.attribute(this.faces, "place", 3, gl.FLOAT, false, 28, 0);
    this.attribute(this.faces, "color", 4, gl.FLOAT, false, 28, 12);
    gl.drawArrays(gl.TRIANGLES, 0, faces.length / 7);
  }

  drawLines(view, lines, name) {
    if (!lines.length) return;
    const gl = this.gl, at = this.use(this.lines, view.matrix);
    gl.uniform2f(at("canvas"), this.canvas.width, this.canvas.height);
    gl.uniform1f(at("near"), NEAR);
    this.load(name, new Float32Array(lines));
    this.attribute(this.lines, "a", 3, gl.FLOAT, false, 44, 0, 1);
    this.attribute(this.lines, "b", 3, gl.FLOAT, false, 44, 12, 1);
    this.attribute(this.lines, "color", 4, gl.FLOAT, false, 44, 24, 1);
    this.attribute(this.lines, "width", 1, gl.FLOAT, false, 44, 40, 1);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, lines.length / 11);
  }

  drawPicture(view, picture) {
    const gl = this.gl;
    this.texture ??= gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, this.texture);
    if (this.loaded.picture !== picture.image) {
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGB, gl.RGB, gl.UNSIGNED_BYTE, picture.image);
      for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) {
        gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
      }
      gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
      this.loaded.picture = picture.image;
    }
    const [a, b, c, d] = picture.corners;
    this.use(this.pictures, view.matrix);
    this.load("picture", new Float32Array([...a, 0, 0, ...b, 1, 0, ...d, 0, 1, ...c, 1, 1]));
    this.attribute(this.pictures, "place", 3, gl.FLOAT, false, 20, 0);
    this.attribute(this.pictures, "at", 2, gl.FLOAT, false, 20, 12);
    gl.depthMask(!picture.behind);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    gl.depthMask(true);
  }
}

// Points that a flat canvas draws at most, so that turning stays smooth.
const FLAT_POINTS = 12000;

class FlatRenderer {
  // Draws on a flat canvas, far things first, where there is no WebGL.
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
  }

  draw(view, layers, look) {
    const { context, canvas } = this;
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (layers.picture && layers.picture.behind) this.drawPicture(view, layers.picture);
    if (layers.points) this.drawPoints(view, layers.points, look);
    for (let k = 0; k + 21 <= layers.faces.length; k += 21) this.drawFace(view, layers.faces, k);
    for (const lines of [layers.lines, layers.over]) {
      for (let k = 0; k + 11 <= lines.length; k += 11) this.drawLine(view, lines, k);
    }
  }

  pixel([x, y, w]) {
    return [(x / w + 1) * this.canvas.width / 2, (1 - y / w) * this.canvas.height / 2];
  }

  drawPoints(view, points, look) {
    const step = Math.ceil(points.count / FLAT_POINTS), found = [];
    const [ex, ey, ez] = view.eye, { places, normals, owners, colors } = points;
    for (let k = 0; k < points.count; k += step) {
      const x = places[3 * k], y = places[3 * k + 1], z = places[3 * k + 2];
      const side = normals[3 * k] * (ex - x) + normals[3 * k + 1] * (ey - y) +
        normals[3 * k + 2] * (ez - z);
      if (owners[k] < 0 && side < 0) continue;
      const clip = toClip(view.matrix, x, y, z);
      if (clip[2] > NEAR) found.push([clip, k]);
    }
    found.sort((a, b) => b[0][2] - a[0][2]);
    const size = look.pointSize * view.focus * this.canvas.height / 2 * Math.sqrt(step);
    for (const [clip, k] of found) {
      const [x, y] = this.pixel(clip), thin = owners[k] < 0 ? 1 : points.thin;
      const wide = clamp(size * thin / clip[2], 1.5, 48);
      const fade = owners[k] === look.lit ? 0 : look.fade;
      const paint = [0, 1, 2].map((c) =>
        colors[3 * k + c] / 255 * (1 - fade) + look.paper[c] * fade);
      this.context.fillStyle = css(paint);
      this.context.fillRect(x - wide / 2, y - wide / 2, wide, wide);
    }
  }

  drawFace(view, faces, start) {
    const corners = [0, 7, 14].map((at) => toClip(view.matrix, ...faces.slice(start + at, start + at + 3)));
    if (corners.some((clip) => clip[2] < NEAR)) return;
    this.context.fillStyle = css(faces.slice(start + 3, start + 6), faces[start + 6]);
    this.context.beginPath();
    for (const clip of corners) this.context.lineTo(...this.pixel(clip));
    this.context.fill();
  }

  drawLine(view, lines, k) {
    let from = toClip(view.matrix, lines[k], lines[k + 1], lines[k + 2]);
    let to = toClip(view.matrix, lines[k + 3], lines[k + 4], lines[k + 5]);
    if (from[2] < NEAR && to[2] < NEAR) return;
    const cut = (a, b) => add(a, times(sub(b, a), (NEAR - a[2]) / (b[2] - a[2])));
    if (from[2] < NEAR) from = cut(from, to);
    if (to[2] < NEAR) to = cut(to, from);
    this.context.strokeStyle = css(lines.slice(k + 6, k + 9), lines[k + 9]);
    this.context.lineWidth = lines[k + 10];
    this.context.beginPath();
    this.context.moveTo(...this.pixel(from));
    this.context.lineTo(...this.pixel(to));
    this.context.stroke();
  }

  drawPicture(view, picture) {
    // Only behind everything, where its sides are those of the canvas.
    const [a, , c] = picture.corners.map((corner) => this.pixel(toClip(view.matrix, ...corner)));
    this.context.drawImage(picture.image, a[0], a[1], c[0] - a[0], c[1] - a[1]);
  }
}

function makeRenderer(canvas) {
  try {
    return new GlRenderer(canvas);
  } catch {
    return new FlatRenderer(canvas);
  }
}
