// Comms: the channels between widgets in front ends and whoever made them here. Their messages arrive between cells, and while a
// cell waits for something.
"use strict";

const { randomUUID } = require("node:crypto");

/**
 * @param {(type: string, content: object, parent: object, metadata?: object) => void} publish
 * @param {() => object} cell header of the execute_request in whose course this is called
 * @param {ReturnType<import("./callbacks.cjs").createCallbacks>} callbacks
 */
function createComms(publish, cell, callbacks) {
  /** What is called when a front end opens a comm, by the name of its target. */
  const targets = new Map();
  const comms = new Map();

  /** A comm, as the library has it (src/kernel-hook.ts has its type); `home` is the header of the cell that it belongs to. */
  function create(id, target, home) {
    const entry = { target, received() {}, closed() {} };
    comms.set(id, entry);
    return Object.freeze({
      id,
      send: (data) => comms.has(id) && publish("comm_msg", { comm_id: id, data }, cell()),
      close() {
        if (comms.delete(id)) publish("comm_close", { comm_id: id, data: {} }, cell());
      },
      onMessage(received) {
        entry.received = received;
      },
      onClose(closed) {
        entry.closed = closed;
      },
      perform: (work, signal) => callbacks.perform(home, work, signal),
      notify: (work) => callbacks.notify(home, work),
      within: (work) => callbacks.within(home, work),
    });
  }

  function opened(header, { comm_id: id, target_name: target, data }) {
    const take = targets.get(target);
    if (comms.has(id)) return;
    if (take) take(create(id, target, header), data);
    else publish("comm_close", { comm_id: id, data: {} }, header);
  }

  return {
    /** Takes a comm_open, comm_msg or comm_close. One for a comm that is closed, or was an earlier kernel's, does nothing. */
    receive({ header, content }) {
      if (header.msg_type === "comm_open") return opened(header, content ?? {});
      const { comm_id: id, data } = content ?? {};
      const entry = comms.get(id);
      if (!entry) return;
      if (header.msg_type === "comm_close") {
        comms.delete(id);
        return entry.closed();
      }
      // An answer belongs to the message: front ends tell by its parent what it answers.
      entry.received(data, (answer) => publish("comm_msg", { comm_id: id, data: answer }, header));
    },

    /** The `comms` of a comm_info_reply. */
    info: ({ target_name: wanted }) =>
      Object.fromEntries(
        [...comms]
          .filter(([, { target }]) => !wanted || target === wanted)
          .map(([id, { target }]) => [id, { target_name: target }]),
      ),

    /** What the library sees. */
    hook: {
      openComm(target, data, { id = randomUUID(), metadata = {} } = {}) {
        const home = cell();
        const comm = create(id, target, home);
        publish("comm_open", { comm_id: id, target_name: target, data }, home, metadata);
        return comm;
      },
      registerTarget: (name, take) => void targets.set(name, take),
    },
  };
}

module.exports = { createComms };
