// Labels with a plate behind them, in the room and on the pictures.

const overlapping = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

const shortened = (text, most) =>
  [...text].length > most ? [...text].slice(0, most - 1).join("") + "\u2026" : text;

// A label on a plate of its own, so that it can be read on anything.
function drawTag(context, text, [left, top, right, bottom], rgb, theme) {
  context.fillStyle = css(theme.paper, 0.86);
  context.beginPath();
  context.roundRect(left, top, right - left, bottom - top, 4);
  context.fill();
  context.strokeStyle = css(rgb, 0.9);
  context.lineWidth = 1;
  context.stroke();
  context.fillStyle = css(theme.ink);
  context.textAlign = "center";
  context.fillText(text, (left + right) / 2, (top + bottom) / 2 + 0.5);
}
