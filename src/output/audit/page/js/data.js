// The rows that the page carries: gzip in base64 of one JSON object, each list as columns (src/output/audit/html.rs).

// True in every browser since 2023.
export function isReadable() {
  return typeof DecompressionStream === "function";
}

export async function readRows(text) {
  const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const lists = JSON.parse(await new Response(stream).text());
  return Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, rows(list)]));
}

function rows({ rows: length, columns }) {
  const entries = Object.entries(columns);
  return Array.from({ length }, (_, number) => ({ number, ...Object.fromEntries(entries.map(([key, values]) => [key, values[number]])) }));
}
