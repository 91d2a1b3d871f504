// The functions that all scripts of a page share: they create elements, look up colours, show descriptions beside the
// pointer, and draw again when the window is resized, when the colour scheme changes and for printing. The other
// scripts use them through the global `page`.

const tip = document.getElementById("tip");
const drawings = [];
const colours = new Map();
const inks = new Map();
let isQueued = false;

// The namespace of SVG, without an address in the page.
const template = document.createElement("template");
template.innerHTML = "<svg></svg>";
const namespace = template.content.firstChild.namespaceURI;

function make(tag, parent, text) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

function makeSVG(tag, parent, attributes, text) {
  const element = document.createElementNS(namespace, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
  return element;
}

// The custom property `--name` of the style sheet.
function colour(name) {
  if (!colours.has(name)) {
    colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim());
  }
  return colours.get(name);
}

const channels = (hex) => [1, 3, 5].map((index) => parseInt(hex.slice(index, index + 2), 16));

// `hex` at an opacity over the page's ground.
function tint(hex, opacity) {
  const ground = channels(colour("ground"));
  const mixed = channels(hex).map((value, index) => Math.round(value * opacity + ground[index] * (1 - opacity)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function luminance(hex) {
  const [red, green, blue] = channels(hex).map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

// Black or white: the one with the higher contrast to a colour, which is at least 4.58 to 1.
function inkOn(hex) {
  if (!inks.has(hex)) {
    const value = luminance(hex) + 0.05;
    inks.set(hex, value / 0.05 >= 1.05 / value ? "#000000" : "#ffffff");
  }
  return inks.get(hex);
}

// Resizes a canvas to a width and height in CSS pixels, and returns its drawing context. A canvas with too many pixels
// would stay empty, so a very large one gets a lower resolution.
function pen(canvas, width, height) {
  const most = 4e7, wanted = devicePixelRatio || 1;
  const ratio = Math.min(wanted, Math.max(0.5, Math.sqrt(most / Math.max(1, width * height))));
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.textBaseline = "middle";
  return context;
}

// Shows a description beside a point, within the window.
function describe(text, x, y) {
  tip.textContent = text;
  tip.style.display = "block";
  const left = x + 14 + tip.offsetWidth > innerWidth - 8 ? x - 14 - tip.offsetWidth : x + 14;
  const top = y + 14 + tip.offsetHeight > innerHeight - 8 ? y - 14 - tip.offsetHeight : y + 14;
  tip.style.left = `${Math.max(4, left)}px`;
  tip.style.top = `${Math.max(4, top)}px`;
}

function hide() { tip.style.display = "none"; }

function drawAll() {
  isQueued = false;
  colours.clear();
  inks.clear();
  for (const draw of drawings) draw();
}

function queue() {
  if (isQueued) return;
  isQueued = true;
  requestAnimationFrame(drawAll);
}

// Draws now, and again whenever the page changes its size or its colours.
function keepDrawn(draw) {
  drawings.push(draw);
  draw();
}

addEventListener("resize", queue);
addEventListener("scroll", hide, { passive: true });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", queue);
// Pages are printed in the light colour scheme.
addEventListener("beforeprint", () => {
  document.documentElement.dataset.print = "";
  drawAll();
});
addEventListener("afterprint", () => {
  delete document.documentElement.dataset.print;
  drawAll();
});
// The contents of a closed details element have not been drawn.
for (const details of document.querySelectorAll("details")) details.addEventListener("toggle", queue);

globalThis.page = { colour, describe, hide, inkOn, keepDrawn, make, makeSVG, pen, tint };
