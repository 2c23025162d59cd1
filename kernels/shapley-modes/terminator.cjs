// Runs in the sockets' thread: ends JavaScript of the first thread that does not listen to an interrupt, and sees to it that the
// first thread is alive afterwards.
"use strict";

const inspector = require("node:inspector");
const { key } = require("./consent.cjs");
const { RUN, WATCHED, PONG, CONSENT, PROOF, HANDLED, MET, consent, lost } = require("./state.cjs");
const { keepVigil } = require("./vigil.cjs");

/** Milliseconds between two looks. */
const interval = 25;
/** Milliseconds that a loop without a pause is given to come to one; longer where a computation may end by itself. */
const patience = { unwatched: 400, watched: 700 };
/**
 * Milliseconds that the loading of a module is given, whose half is of no use: of the processor's time, since a loaded machine may
 * take long for what is no endless loop, or else of any time.
 */
const loading = { computing: 10_000, waiting: 120_000 };
/** Milliseconds without an answer after which the first thread counts as not listening. */
const deaf = 100;
/** Looks, two seconds' worth of them, after which what may not be ended is given up. */
const looks = 80;
/** How often JavaScript is ended for one interrupt: what was left behind by other cells may be in a loop as well. */
const most = 40;

/**
 * @param {Int32Array} state see state.cjs
 * @param {object} first
 * @param {(ping: number) => void} first.ping asks the first thread for a sign of life
 * @param {(number: number) => void} first.prove asks it to prove that its timers, immediates, ticks and promises go on
 * @param {(why: string) => void} first.giveUp called when it can not go on
 * @returns {{ interrupted(): void, stop(): void }} `interrupted` is to be called when an interrupt was passed on: watches until it
 *   was handled and the run that it met has ended, and ends it by force where it leaves the event loop no turn. What was done after an
 *   await is ended as well, which `breakOnSigint` can not do.
 */
function createTerminator(state, { ping, prove, giveUp }) {
  let timer;
  let session;
  let sent = 0;
  let proofs = 0;
  /** How often the first thread was asked to stop. */
  let asked = 0;

  function ask(run, endless) {
    if (!session) {
      session = new inspector.Session();
      session.connectToMainThread();
    }
    Atomics.store(state, CONSENT, consent.asked);
    const expression = `globalThis[Symbol.for("${key}")](${run}, ${endless})`;
    // Nobody answers before the kernel has begun.
    const answered = () => Atomics.compareExchange(state, CONSENT, consent.asked, consent.none);
    session.post("Runtime.evaluate", { expression }, answered);
  }

  /** Whether JavaScript was ended: the first thread has agreed, and does nothing else before. */
  function end() {
    if (Atomics.compareExchange(state, CONSENT, consent.granted, consent.taken) !== consent.granted) return false;
    session.post("Runtime.terminateExecution");
    demandProof();
    Atomics.store(state, CONSENT, consent.ordered);
    return true;
  }

  function demandProof() {
    Atomics.store(state, PROOF, -++proofs);
    prove(proofs);
  }

  function stop() {
    clearInterval(timer);
    timer = undefined;
    session?.disconnect();
    session = undefined;
  }

  function watch() {
    const start = performance.now();
    const before = process.cpuUsage();
    const first = sent;
    let heard = start;
    /** Whether the first thread is dead while it owes a proof. */
    let isDead = () => false;
    /** Looks that are left for what can not be ended to end by itself; looks at a thread that listens. */
    let rootedLooks = looks;
    let idleLooks = 0;
    let ends = 0;

    timer = setInterval(() => {
      const now = performance.now();
      const listening = Atomics.load(state, PONG) === sent && sent > first;
      if (listening) heard = now;
      ping(++sent);
      const said = Atomics.load(state, CONSENT);
      if (said === consent.granted && end()) {
        heard = now;
        isDead = keepVigil();
        ends++;
        return;
      }
      if (said === consent.rooted) rootedLooks--;
      if (said === consent.rooted || said === consent.refused) Atomics.store(state, CONSENT, consent.none);
      let proving = Atomics.load(state, PROOF) < 0;
      const dead = proving && isDead();
      if (!proving && listening && Atomics.load(state, HANDLED) === asked && ++idleLooks === looks) {
        // It listens and has not ended its run: whatever was to end that is lost.
        demandProof();
        isDead = keepVigil();
        proving = true;
      }
      const hopeless =
        (ends > most && `what was ended began again ${most} times`) ||
        (rootedLooks <= 0 && "what runs can not be ended") ||
        (dead && "no sign of life");
      if (hopeless) {
        const unproved = Atomics.load(state, PROOF);
        // The first thread may have proved itself at this very moment.
        if (proving && Atomics.compareExchange(state, PROOF, unproved, lost) !== unproved) return;
        stop();
        giveUp(hopeless);
        return;
      }
      // A question that is not answered yet, or an order that is not seen yet, must not meet another one, nor the session's end.
      if (said === consent.asked || said === consent.ordered) return;
      const met = Atomics.load(state, MET);
      // Where it met nothing it is over with that: the next cell is not what it was meant for.
      const over = met === 0 || Atomics.load(state, RUN) !== met;
      if (Atomics.load(state, HANDLED) === asked && !proving && over) {
        stop();
        return;
      }
      const limit = Atomics.load(state, WATCHED) ? patience.watched : patience.unwatched;
      if (now - start < limit || now - heard < deaf) return;
      const { user, system } = process.cpuUsage(before);
      const endless = (user + system) / 1000 >= loading.computing || now - start >= loading.waiting;
      ask(Atomics.load(state, RUN), endless);
    }, interval);
  }

  return {
    interrupted() {
      asked++;
      if (timer === undefined) watch();
    },
    stop,
  };
}

module.exports = { createTerminator };
