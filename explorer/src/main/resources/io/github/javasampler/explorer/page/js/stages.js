// The stages that the page knows: their settings, and how they are written as text, as options and in Java.

const float = value => `${value}f`;

/**
 * In llama.cpp's order. A chain's text has a stage's settings in the order that they have here, and `more` behind them.
 * A setting's `log` makes its slider logarithmic; `max` "vocabulary" is the model's.
 */
export const STAGES = [
  {
    key: "penalties", title: "penalties",
    about: "Makes tokens less likely that came before.",
    settings: [
      {key: "lastN", label: "look back", min: 1, max: 256, step: 1, initial: 64},
      {key: "repeat", label: "repeat", min: 1, max: 2, step: 0.01, initial: 1.1},
      {key: "frequency", label: "frequency", min: 0, max: 2, step: 0.05, initial: 0},
      {key: "presence", label: "presence", min: 0, max: 2, step: 0.05, initial: 0},
    ],
    sampler: "penalties",
    options: v => `--repeat-last-n ${v.lastN} --repeat-penalty ${v.repeat}`
        + ` --frequency-penalty ${v.frequency} --presence-penalty ${v.presence}`,
    java: v => `.penalties(${v.lastN}, ${float(v.repeat)}, ${float(v.frequency)}, ${float(v.presence)})`,
  },
  {
    key: "top_n_sigma", title: "top-n-sigma",
    about: "Keeps logits within n standard deviations of the best.",
    settings: [{key: "n", label: "n", min: 0.05, max: 5, step: 0.05, initial: 1}],
    sampler: "top_n_sigma",
    options: v => `--top-nsigma ${v.n}`,
    java: v => `.topNSigma(${float(v.n)})`,
  },
  {
    key: "top_k", title: "top-k",
    about: "Keeps the k best.",
    settings: [{key: "k", label: "k", min: 1, max: "vocabulary", step: 1, log: true, initial: 40}],
    sampler: "top_k",
    options: v => `--top-k ${v.k}`,
    java: v => `.topK(${v.k})`,
    isOn: true,
  },
  {
    key: "typical", title: "typical",
    about: "Keeps tokens about as surprising as the entropy says, up to the mass p.",
    settings: [{key: "p", label: "p", min: 0.01, max: 1, step: 0.01, initial: 0.9}],
    sampler: "typ_p",
    options: v => `--typical ${v.p}`,
    java: v => `.typical(${float(v.p)})`,
  },
  {
    key: "top_p", title: "top-p",
    about: "Keeps the fewest best that hold the mass p.",
    settings: [{key: "p", label: "p", min: 0, max: 1, step: 0.01, initial: 0.95}],
    sampler: "top_p",
    options: v => `--top-p ${v.p}`,
    java: v => `.topP(${float(v.p)})`,
    isOn: true,
  },
  {
    key: "min_p", title: "min-p",
    about: "Keeps what is at least p times as probable as the best.",
    settings: [{key: "p", label: "p", min: 0, max: 1, step: 0.005, initial: 0.05}],
    sampler: "min_p",
    options: v => `--min-p ${v.p}`,
    java: v => `.minP(${float(v.p)})`,
    isOn: true,
  },
  {
    key: "xtc", title: "xtc",
    about: "Now and then cuts the top choices but the least of them. The seed decides when.",
    settings: [
      {key: "probability", label: "probability", min: 0, max: 1, step: 0.05, initial: 0.5},
      {key: "threshold", label: "threshold", min: 0.01, max: 0.5, step: 0.01, initial: 0.1},
    ],
    more: seed => `:0:${seed}`,
    sampler: "xtc",
    options: v => `--xtc-probability ${v.probability} --xtc-threshold ${v.threshold}`,
    java: (v, seed) => `.xtc(${float(v.probability)}, ${float(v.threshold)}, 0, ${javaLong(seed)})`,
  },
  {
    key: "temperature", title: "temperature",
    about: "Divides the logits: below 1 sharper, above 1 flatter, 0 greedy.",
    settings: [{key: "t", label: "T", min: 0, max: 5, step: 0.05, initial: 0.8}],
    sampler: "temperature",
    options: v => `--temp ${v.t}`,
    java: v => `.temperature(${float(v.t)})`,
    isOn: true,
  },
];

const BY_KEY = new Map(STAGES.map(stage => [stage.key, stage]));

/** What is known of a stage of a chain. */
export const kind = stage => BY_KEY.get(stage.key);

/** A chain of all stages, those on that llama.cpp has on. */
export const initialStages = () => STAGES.map(stage => ({
  key: stage.key,
  on: Boolean(stage.isOn),
  values: Object.fromEntries(stage.settings.map(setting => [setting.key, setting.initial])),
}));

const stageText = (stage, seed) => {
  const {key, settings, more} = kind(stage);
  return `${key}=${settings.map(setting => stage.values[setting.key]).join(":")}${more?.(seed) ?? ""}`;
};

/** The chain as text, without its picker; what is off is left out. */
export const chainText = (stages, seed) =>
  stages.filter(stage => stage.on).map(stage => stageText(stage, seed)).join(",");

/** As options of `sampler generate`. */
export const commandLine = (stages, seed) => {
  const on = stages.filter(stage => stage.on);
  const samplers = on.map(stage => kind(stage).sampler).join(";");
  // A list must not be empty; a top-k of 0 does nothing.
  const options = on.length === 0 ? ["--samplers top_k", "--top-k 0"]
    : [`--samplers "${samplers}"`, ...on.map(stage => kind(stage).options(stage.values))];
  return [...options, `--seed ${seed}`].join(" \\\n    ");
};

/** As Java code. */
export const javaCode = (stages, seed) => ["SamplerChain chain = SamplerChain.builder()",
  ...stages.filter(stage => stage.on).map(stage => `        ${kind(stage).java(stage.values, seed)}`),
  `        .distribution(${javaLong(seed)});`].join("\n");

/** For the address: all stages in their order, those off with a `?` in front. */
export const stagesToText = stages =>
  stages.map(stage => (stage.on ? "" : "?") + stageText(stage, 0)).join(",");

/** What [stagesToText] wrote; what is not understood, or not there, is as at first. */
export const stagesFromText = text => {
  const found = [];
  for (const part of (text ?? "").split(",")) {
    const [, off, key, settings] = /^(\??)([a-z_]+)=(.*)$/.exec(part) ?? [];
    const stage = BY_KEY.get(key);
    if (!stage || found.some(other => other.key === key)) {
      continue;
    }
    const read = settings.split(":").map(Number);
    const values = Object.fromEntries(stage.settings.map((setting, i) => [setting.key,
      Number.isFinite(read[i]) ? read[i] : setting.initial]));
    found.push({key, on: off === "", values});
  }
  return [...found, ...initialStages().filter(stage => !found.some(other => other.key === stage.key))
    .map(stage => found.length === 0 ? stage : {...stage, on: false})];
};

function javaLong(seed) {
  return seed > 0x7fffffff ? `${seed}L` : `${seed}`;
}
