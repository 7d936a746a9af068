// The shared worker: one stream for every tab of this browser. It rests when all tabs have been hidden for a minute.

import { Stream } from './stream.js';

const tabs = new Map();
let rest = null;
const stream = new Stream((told) => { for (const port of tabs.keys()) port.postMessage(told); });

function seenOrHidden() {
  clearTimeout(rest);
  const visible = [...tabs.values()].some((tab) => tab.visible);
  if (visible && !stream.isOpen && stream.last !== null) stream.open();
  if (!visible) rest = setTimeout(() => stream.close(), 60000);
}

const HEARD = {
  follow(port, { after }) {
    for (const event of stream.follow(after)) port.postMessage(event);
    port.postMessage(stream.line);
  },
  visible(port, { visible }) { tabs.get(port).visible = visible; seenOrHidden(); },
  retry() { stream.open(); },
  bye(port) { tabs.delete(port); seenOrHidden(); },
};

onconnect = ({ ports: [port] }) => {
  tabs.set(port, { visible: true });
  port.onmessage = ({ data }) => HEARD[data.say]?.(port, data);
};
