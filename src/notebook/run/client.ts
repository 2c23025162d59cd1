import { loadPart } from "../../parts.js";
import { type Connection, openConnection } from "./connection.js";
import { deferred, type KernelOptions, type KernelProcess, launchKernel } from "./kernel-process.js";
import { type KernelSpec, kernelName } from "./kernelspec.js";
import { createWire, type Message } from "./wire.js";

/** A running kernel. It ends when `stop` is called, when this process ends, or by its own death. */
export interface KernelClient {
  readonly pid: number;
  /** Rejects with KernelDiedError when the kernel ends without being asked to. */
  readonly died: Promise<never>;
  /**
   * Sends a request and waits until it is answered and the kernel idle again. Resolves with the content of the reply.
   *
   * @param onMessage called with each message about the request: streams, displays, results, errors
   */
  request(type: string, content: object, onMessage?: (message: Message) => void): Promise<Record<string, unknown>>;
  /**
   * Sends a message that has no reply (`comm_open`, `comm_msg`, `comm_close`) and waits until the kernel has taken it.
   *
   * @param onMessage called with each message that answers it
   */
  tell(type: string, content: object, onMessage?: (message: Message) => void): Promise<void>;
  /** Interrupts the running cell. */
  interrupt(): void;
  /** Ends the kernel: asks, and kills what does not listen within two seconds. */
  stop(): Promise<void>;
  /** Ends the kernel at once. */
  kill(): void;
}

/** Starts a kernel and waits until it answers. Throws KernelDiedError where it does not start. */
export async function startKernel(spec: KernelSpec, options: KernelOptions = {}): Promise<KernelClient> {
  for (let attempt = 1; ; attempt++) {
    const { connection, file, remove } = await openConnection(kernelName);
    const launched = launchKernel(spec, file, options);
    try {
      const client = await connect(launched, connection, spec);
      await ready(client, options.startSeconds ?? 60).catch((error) => {
        client.kill();
        throw error;
      });
      return client;
    } catch (error) {
      // Between finding free ports and the kernel's taking them another program may have been quicker.
      if (attempt === 3 || !/in use/i.test((error as Error).message)) throw error;
    } finally {
      remove();
    }
  }
}

async function connect(launched: KernelProcess, connection: Connection, spec: KernelSpec): Promise<KernelClient> {
  const { Dealer, Subscriber } = await loadPart("the Jupyter kernel", ["zeromq"], () => import("zeromq"));
  const wire = createWire(connection.key);
  const address = (port: number): string => `tcp://${connection.ip}:${port}`;
  const options = { linger: 0, sendHighWaterMark: 0, receiveHighWaterMark: 0 };
  const shell = new Dealer(options);
  const control = new Dealer(options);
  const iopub = new Subscriber({ linger: 0, receiveHighWaterMark: 0 });
  const listeners = new Map<string, (message: Message, isReply: boolean) => void>();
  shell.connect(address(connection.shell_port));
  control.connect(address(connection.control_port));
  iopub.connect(address(connection.iopub_port));
  iopub.subscribe();
  const listen = async (socket: AsyncIterable<Buffer[]>, isReply: boolean): Promise<void> => {
    for await (const frames of socket) {
      const message = wire.decode(frames);
      if (message?.parent !== undefined) listeners.get(message.parent)?.(message, isReply);
    }
  };
  for (const [socket, isReply] of [
    [shell, true],
    [control, true],
    [iopub, false],
  ] as const) {
    listen(socket, isReply).catch(() => {});
  }
  void launched.ended.then(() => {
    for (const socket of [shell, control, iopub]) socket.close();
  });

  let sending: Promise<void> = Promise.resolve();
  const send = (type: string, content: object): string => {
    const { id, frames } = wire.encode(type, content);
    const socket = type === "shutdown_request" || type === "interrupt_request" ? control : shell;
    // A kernel that has ended has closed sockets: whoever waits for its answer hears of its death.
    sending = sending.then(() => (socket.closed ? undefined : socket.send(frames))).catch(() => {});
    return id;
  };
  const request: KernelClient["request"] = (type, content, onMessage = () => {}) => {
    const { promise, resolve } = deferred<Record<string, unknown>>();
    let reply: Record<string, unknown> | undefined;
    let idle = false;
    const id = send(type, content);
    listeners.set(id, (message, isReply) => {
      if (isReply) reply = message.content;
      else if (message.type !== "status") onMessage(message);
      else if (message.content.execution_state === "idle") idle = true;
      if (reply && idle) resolve(reply);
    });
    return Promise.race([promise, launched.died]);
  };
  const tell: KernelClient["tell"] = (type, content, onMessage = () => {}) => {
    const { promise, resolve } = deferred<void>();
    listeners.set(send(type, content), (message) => {
      if (message.type !== "status") onMessage(message);
      else if (message.content.execution_state === "idle") resolve();
    });
    return Promise.race([promise, launched.died]);
  };
  return {
    pid: launched.child.pid ?? 0,
    died: launched.died,
    request,
    tell,
    interrupt() {
      if (spec.interrupt_mode === "message") send("interrupt_request", {});
      else launched.child.kill("SIGINT");
    },
    kill: launched.kill,
    async stop() {
      launched.expectEnd();
      send("shutdown_request", { restart: false });
      const timer = setTimeout(launched.kill, 2000);
      await launched.ended;
      clearTimeout(timer);
    },
  };
}

/** Waits for the first answer. Asks again and again: a subscription needs a moment, and an answer before it is lost. */
async function ready(client: KernelClient, seconds: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  const { promise, resolve } = deferred<void>();
  const ask = (): void =>
    void client.request("kernel_info_request", {}).then(
      () => resolve(),
      () => {},
    );
  ask();
  const asking = setInterval(ask, 250);
  const { promise: late, reject } = deferred<never>();
  const timer = setTimeout(
    () => reject(new Error(`the kernel did not answer within ${seconds} s`)),
    until - Date.now(),
  );
  try {
    await Promise.race([promise, client.died, late]);
  } finally {
    clearInterval(asking);
    clearTimeout(timer);
  }
}
