// Proves to the sockets' thread that this one is alive after JavaScript was ended by force.
"use strict";

const { setImmediate, setTimeout } = require("node:timers");
const { PROOF } = require("./state.cjs");
const { soon } = require("./turns.cjs");

/** Node's own functions, before any cell can put others in their place. */
const own = { setTimeout, setImmediate, nextTick: process.nextTick };

/**
 * Has a timer, an immediate, a tick, a promise and a message answer.
 *
 * @param {Int32Array} state see state.cjs
 * @param {number} number the proof that was asked for
 * @param {() => void} alive called when all have answered, where the proof is still waited for
 */
function prove(state, number, alive) {
  const ways = [
    (heard) => own.setTimeout(heard, 1),
    (heard) => own.setImmediate(heard),
    (heard) => own.nextTick.call(process, heard),
    (heard) => Promise.resolve().then(heard),
  ];
  let left = ways.length;
  const heard = () => {
    if (--left === 0) soon(given);
  };
  const given = () => {
    if (Atomics.compareExchange(state, PROOF, -number, number) === -number) alive();
  };
  for (const way of ways) way(heard);
}

module.exports = { prove };
