import { orderedStops } from "./theme.js";

const stops = orderedStops.map((colour) =>
  [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16)),
);

/** Colours for things that have an order, such as layers: from dark blue to yellow. */
export function orderedColours(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const place = count === 1 ? 0 : (index / (count - 1)) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const channels = stops[below].map((low, c) => Math.round(low + (place - below) * (stops[below + 1][c] - low)));
    return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
  });
}
