// What the mouse and fingers do in the room: they turn, move and zoom it, and point at things.

function listenToPointer(room) {
  const canvas = room.canvas, held = new Map();
  let moved = 0, spread = 0;
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [event.clientX - frame.left, event.clientY - frame.top];
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    held.set(event.pointerId, at(event));
    moved = spread = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const now = at(event), before = held.get(event.pointerId);
    if (!before) {
      room.told.hover(room.pick(...now));
      return;
    }
    const dx = now[0] - before[0], dy = now[1] - before[1];
    moved += Math.abs(dx) + Math.abs(dy);
    held.set(event.pointerId, now);
    if (moved < 4) return;
    const both = [...held.values()];
    if (both.length === 2) {
      const wide = Math.hypot(both[0][0] - both[1][0], both[0][1] - both[1][1]);
      if (spread) room.zoom(spread / Math.max(wide, 1));
      spread = wide;
      room.pan(dx / 2, dy / 2);
    } else if (event.buttons & 6 || event.shiftKey) {
      room.pan(dx, dy);
    } else {
      room.turn(dx * 0.006, dy * 0.006);
    }
  });
  const end = (event) => {
    const place = held.get(event.pointerId);
    if (event.type === "pointerup" && place && moved < 4 && held.size === 1) {
      room.told.choose(room.pick(...place));
    }
    held.delete(event.pointerId);
    spread = 0;
  };
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, end);
  canvas.addEventListener("pointerleave", () => room.told.hover(null));
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  canvas.addEventListener("dblclick", (event) => {
    const object = room.pick(...at(event));
    if (object !== null) room.lookAt(object);
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    room.zoom(Math.exp(clamp(event.deltaY, -120, 120) * 0.0022));
  }, { passive: false });
  canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
  canvas.addEventListener("webglcontextrestored", () => {
    room.renderer.begin();
    room.redraw();
  });
  new ResizeObserver(() => room.redraw()).observe(canvas);
}
