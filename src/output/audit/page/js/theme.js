// Light and dark: the reader's setting, until the button says otherwise. Paper is always light.

const KEY = "lakelint-theme";
const root = document.documentElement;
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const listeners = [];

export function onThemeChange(listener) {
  listeners.push(listener);
}

// The value of a custom property as a colour that a canvas takes.
export function colour(property) {
  const probe = document.createElement("span");
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

function isDark() {
  return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
}

function changed() {
  const button = document.getElementById("theme");
  if (button) button.textContent = isDark() ? "Light" : "Dark";
  listeners.forEach((listener) => listener());
}

// Before the first paint: a page that was dark yesterday does not flash.
export function restoreTheme() {
  const kept = stored();
  if (kept === "light" || kept === "dark") root.dataset.theme = kept;
}

export function startTheme() {
  const button = document.getElementById("theme");
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    store(root.dataset.theme);
    changed();
  });
  dark.addEventListener("change", changed);
  let before;
  window.addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    root.dataset.theme = "light";
    changed();
  });
  window.addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    changed();
  });
  changed();
}

// A file opened from disk may have no storage.
function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function store(value) {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    // The choice then holds until the page is closed.
  }
}
