// Sends messages over a ZeroMQ socket in order, at once where possible: also from a loop that never yields.
"use strict";

/**
 * zeromq.js takes some 500 messages at once and then wants the event loop to turn; a send before that throws. So what it
 * refuses waits here, and all that comes later waits behind it.
 *
 * @param {{ send(frames: (string | Buffer)[]): Promise<void> }} socket
 * @returns {(frames: (string | Buffer)[]) => void}
 */
function createSender(socket) {
  const waiting = [];
  let latest = Promise.resolve();

  /** Whether the socket took the message. */
  function taken(frames) {
    try {
      latest = socket.send(frames);
      // A client that has gone needs no message.
      latest.catch(() => {});
      return true;
    } catch (error) {
      if (error.code !== "EBUSY") throw error;
      return false;
    }
  }

  function drain() {
    while (waiting.length > 0 && taken(waiting[0])) waiting.shift();
    if (waiting.length > 0) latest.then(drain, drain);
  }

  return (frames) => {
    if (waiting.length === 0 && taken(frames)) return;
    waiting.push(frames);
    if (waiting.length === 1) latest.then(drain, drain);
  };
}

module.exports = { createSender };
