// Numbers as lakelint writes them in the terminal (src/lake/units.rs); dollars from a hundred on without cents.

export const UNKNOWN = "unknown";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const cents = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export function count(value) {
  return value === null || value === undefined ? UNKNOWN : whole.format(value);
}

export function bytes(value) {
  if (value === null || value === undefined) return UNKNOWN;
  const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
  let unit = 0;
  while (value >= 999.95 && unit + 1 < units.length) {
    value /= 1000;
    unit += 1;
  }
  const round = unit === 0 || Math.abs(value - Math.round(value)) < 0.05;
  return `${round ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

export function usd(value) {
  if (value === null || value === undefined) return UNKNOWN;
  if (value === 0) return "$0";
  if (value >= 99.995) return `$${whole.format(value)}`;
  if (value >= 0.00995) return `$${cents.format(value)}`;
  const digits = Math.min(12, Math.max(2, 1 - Math.floor(Math.log10(value))));
  return `$${value.toFixed(digits).replace(/0+$/, "")}`;
}

export function range(value) {
  if (!value) return UNKNOWN;
  const [low, high] = [usd(value.low), usd(value.high)];
  if (low === high) return high;
  return value.low === 0 ? `up to ${high}` : `${low} to ${high}`;
}

export function spread(value, write) {
  if (!value) return UNKNOWN;
  const [low, likely, high] = [write(value.low), write(value.likely), write(value.high)];
  return low === high ? likely : `${likely} (${low} to ${high})`;
}

export function seconds(value) {
  if (value === null || value === undefined) return UNKNOWN;
  const tenth = (number) => String(number >= 100 ? Math.round(number) : Math.round(number * 10) / 10);
  const units = [[365 * 86400, "years"], [86400, "days"], [3600, "hours"], [60, "minutes"]];
  const [size, unit] = units.find(([size]) => value >= 1.95 * size && value > 180) ?? [1, "s"];
  return `${unit === "minutes" ? Math.round(value / size) : tenth(value / size)} ${unit}`;
}

export function runs(value) {
  if (value === null || value === undefined) return UNKNOWN;
  return whole.format(value) === "0" ? cents.format(value) : whole.format(value);
}

export function percent(value) {
  return `${Math.round(value * 100)} %`;
}

// The first word of a basis, where it is one of the three.
export function basisWord(text) {
  return ["measured", "assumed", "unknown"].find((word) => (text ?? "").startsWith(word)) ?? null;
}

export function place(row) {
  return row.file ? `${row.file}${row.line ? `:${row.line}` : ""}` : "";
}
