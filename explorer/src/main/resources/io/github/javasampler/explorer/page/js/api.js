// The server, and its errors.

/** What the server had to say against a request. */
export class ApiError extends Error {
  constructor(message, field) {
    super(message);
    this.field = field;
  }
}

/** Asks and returns the answer. */
export async function get(path) {
  return (await checked(await send(path, {}))).json();
}

/** Posts a question and returns the answer. */
export async function post(path, body, {signal} = {}) {
  return (await request(path, body, signal)).json();
}

/** Posts a question and passes each event of the answer on, until the stream ends. */
export async function stream(path, body, {signal, onEvent}) {
  const response = await request(path, body, signal, "text/event-stream");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const {done, value} = await reader.read();
    if (done) {
      return;
    }
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const field = name => lines.filter(line => line.startsWith(`${name}:`))
        .map(line => line.slice(name.length + 1).replace(/^ /, "")).join("\n");
      if (field("data")) {
        const data = JSON.parse(field("data"));
        if (field("event") === "error") {
          throw new ApiError(data.error, data.field);
        }
        onEvent(field("event"), data);
      }
    }
  }
}

async function request(path, body, signal, accept = "application/json") {
  return checked(await send(path, {
    method: "POST", headers: {"Content-Type": "application/json", Accept: accept}, body: JSON.stringify(body), signal,
  }));
}

async function send(path, options) {
  try {
    return await fetch(path, options);
  } catch (e) {
    if (e.name === "AbortError") {
      throw e;
    }
    throw new ApiError("The explorer does not answer; is ./sampler explore still running?", null);
  }
}

async function checked(response) {
  if (response.ok) {
    return response;
  }
  const {error, field} = await response.json().catch(() => ({}));
  throw new ApiError(error ?? `The explorer answered ${response.status}.`, field ?? null);
}
