// Charts in the page's colours.

/** The value of one of the page's colours, such as "raw". */
export const colour = name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const charts = new Map();

/**
 * Draws a chart. `config` is a function that returns Chart.js's configuration, so that its colours can follow the
 * scheme. Returns the chart; `redraw` draws it anew with new data.
 */
export function chart(canvas, config) {
  charts.get(canvas)?.destroy();
  const given = config();
  const made = new Chart(canvas, {
    ...given,
    options: {
      animation: calm.matches ? false : {duration: 150},
      maintainAspectRatio: false,
      color: colour("ink"),
      ...given.options,
      scales: Object.fromEntries(Object.entries(given.options?.scales ?? {}).map(([axis, options]) => [axis, {
        ...options,
        grid: {color: colour("line"), ...options.grid},
        ticks: {color: colour("muted"), ...options.ticks},
        title: {color: colour("muted"), ...options.title},
      }])),
    },
  });
  made.sampler = config;
  charts.set(canvas, made);
  return made;
}

dark.addEventListener("change", () => {
  for (const [canvas, old] of [...charts]) {
    if (canvas.isConnected) {
      chart(canvas, old.sampler);
    } else {
      old.destroy();
      charts.delete(canvas);
    }
  }
});
