/*
 * The host: JSON-RPC 2.0 by postMessage, with the window around this one and no other. What comes
 * in ends in a table of requests or one of notifications.
 */

const host = window.parent;
const waiting = new Map();
let lastId = 0;

const post = (message) => host.postMessage({ jsonrpc: '2.0', ...message }, '*');
const tell = (method, params = {}) => post({ method, params });
const ask = (method, params) => new Promise((resolve, reject) => {
  waiting.set(++lastId, { resolve, reject });
  post({ id: lastId, method, params });
});

const requests = {
  __proto__: null,
  'ping': () => ({}),
  'ui/resource-teardown': () => {
    sizes.disconnect();
    waiting.clear();
    state.over = true;
    return {};
  },
};

const notifications = {
  __proto__: null,
  'ui/notifications/tool-input-partial': ({ arguments: args }) => {
    state.args = args ?? {};
  },
  'ui/notifications/tool-input': ({ arguments: args }) => {
    Object.assign(state, { args: args ?? {}, answer: null, view: null, error: null, mode: 'chart', sort: null });
    state.hidden.clear();
    state.turn++;
    show();
  },
  'ui/notifications/tool-result': (result) => receive(result),
  'ui/notifications/tool-cancelled': ({ reason }) => {
    state.error = { title: 'The call was cancelled', message: reason ? `Reason: ${reason}` : '' };
    show();
  },
  'ui/notifications/host-context-changed': (context) => {
    adopt(context);
    if (['theme', 'styles', 'locale', 'displayMode', 'safeAreaInsets'].some((key) => key in context)) {
      show();
    }
  },
};

window.addEventListener('message', ({ source, data }) => {
  if (source !== host || data?.jsonrpc !== '2.0' || state.over) {
    return;
  }
  if (typeof data.method !== 'string') {
    const { resolve, reject } = waiting.get(data.id) ?? {};

    waiting.delete(data.id);
    data.error ? reject?.(new Error(data.error.message)) : resolve?.(data.result ?? {});
  } else if (data.id === undefined) {
    notifications[data.method]?.(data.params ?? {});
  } else if (requests[data.method]) {
    post({ id: data.id, result: requests[data.method]() });
  } else {
    post({ id: data.id, error: { code: -32601, message: `No method "${data.method}" here` } });
  }
});

