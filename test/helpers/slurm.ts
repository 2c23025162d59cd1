import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, hostname, tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Debian's packages: slurmctld slurmd slurm-client munge. Their daemons are in sbin, which not every PATH has. */
const path = `${process.env.PATH}${delimiter}/usr/sbin${delimiter}/sbin`;

/** Whether a Slurm of one node can be started here. */
export function slurmInstalled(): boolean {
  return ["munged", "slurmctld", "slurmd", "sbatch", "squeue", "scontrol", "scancel"].every((program) =>
    path.split(delimiter).some((folder) => existsSync(join(folder, program))),
  );
}

type Daemon = "munged" | "slurmctld" | `slurmd ${string}`;

/**
 * A private Slurm of one node or several on the loopback interface, all of it in one folder and by one user: no
 * accounting, no control groups. As many tasks at once as it says, whatever the machine has. Start it with
 * {@link startSlurm}.
 */
export class SlurmNode {
  readonly #daemons = new Map<Daemon, ChildProcess>();
  /** What commands of Slurm need in their environment. */
  readonly environment: NodeJS.ProcessEnv;

  constructor(readonly folder: string) {
    this.environment = { ...process.env, PATH: path, SLURM_CONF: join(folder, "slurm.conf") };
  }

  /** Runs a command of Slurm and returns what it says. */
  say(program: string, ...argv: string[]): string {
    return execFileSync(program, argv, { encoding: "utf8", env: this.environment, stdio: ["ignore", "pipe", "pipe"] });
  }

  async start(daemon: Daemon): Promise<void> {
    const { folder } = this;
    const argv: Record<string, string[]> = {
      munged: [
        "--foreground",
        "--force",
        `--socket=${folder}/munge.sock`,
        `--key-file=${folder}/munge/key`,
        `--pid-file=${folder}/munge/pid`,
        `--log-file=${folder}/munge/log`,
        `--seed-file=${folder}/munge/seed`,
      ],
      slurmctld: ["-D", "-f", join(folder, "slurm.conf")],
    };
    const [name, node] = daemon.split(" ");
    const given = node === undefined ? argv[daemon] : ["-D", "-N", node, "-f", join(folder, "slurm.conf")];
    const log = openSync(join(folder, `${name}.out`), "a");
    const [program, ...rest] = [...loopbackNames(), name, ...given];
    const child = spawn(program, rest, { env: this.environment, stdio: ["ignore", log, log], detached: true });
    this.#daemons.set(daemon, child);
    const ready: Record<string, () => boolean> = {
      munged: () => existsSync(join(folder, "munge.sock")),
      slurmctld: () => this.say("scontrol", "ping").includes("UP"),
    };
    const answers = () =>
      /^(idle|mixed|allocated|completing)$/m.test(this.say("sinfo", "-h", "-N", "-n", node, "-o", "%T"));
    for (let tries = 0; !attempt(node === undefined ? ready[daemon] : answers); tries++) {
      if (child.exitCode !== null || tries > 300) throw new Error(`${daemon} does not start:\n${this.#logs()}`);
      await sleep(100);
    }
  }

  async stopDaemon(daemon: Daemon): Promise<void> {
    const child = this.#daemons.get(daemon);
    this.#daemons.delete(daemon);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(late);
  }

  /**
   * Ends what an earlier test left and waits until all nodes are free, so that no test depends on another one's end.
   * The daemon of a node that does not become so is started again. @returns what was to be mended, if anything
   */
  async settle(): Promise<string> {
    const found: string[] = [];
    for (let times = 0; times < 3; times++) {
      for (const job of this.#asked("squeue", "-h", "-o", "%A").split(/\s+/)) {
        if (job !== "") attempt(() => this.say("scancel", job));
      }
      const busy = await this.#busyNodes(20_000);
      if (busy.length === 0) return found.join("\n");
      found.push(this.nodes());
      for (const node of busy) {
        await this.stopDaemon(`slurmd ${node}`);
        attempt(() => this.say("scontrol", "update", `nodename=${node}`, "state=down", "reason=busy"));
        await this.start(`slurmd ${node}`);
      }
    }
    throw new Error(`nodes do not become free:\n${found.join("\n")}\n${this.report()}`);
  }

  /** Nodes that are not free, none as soon as all are; milliseconds to wait for that. */
  async #busyNodes(patience: number): Promise<string[]> {
    const end = Date.now() + patience;
    for (;;) {
      const states = this.#asked("sinfo", "-h", "-N", "-o", "%N %T").trim().split("\n");
      const busy = states.filter((line) => !line.endsWith(" idle")).map((line) => line.split(" ")[0]);
      if (busy.length === 0 || Date.now() > end) return busy;
      await sleep(100);
    }
  }

  /** What became of the daemons, and what the controller says of the nodes and the tasks that are not over. */
  nodes(): string {
    const ended = [...this.#daemons].flatMap(([daemon, { exitCode, signalCode }]) =>
      exitCode === null && signalCode === null ? [] : [`${daemon} ended: ${signalCode ?? exitCode}\n`],
    );
    return [
      ...ended,
      this.#asked("sinfo", "-h", "-N", "-o", "%N %T %E"),
      this.#asked("squeue", "-h", "-r", "-o", "%i %T %r %N %M"),
    ].join("");
  }

  /** The ends of all logs, and what the controller says of jobs and nodes: for whom a test fails. */
  report(): string {
    return [this.#logs(), this.#asked("squeue", "-r", "-t", "all"), this.nodes()].join("\n");
  }

  #asked(program: string, ...argv: string[]): string {
    try {
      return this.say(program, ...argv);
    } catch (error) {
      return `${error}\n`;
    }
  }

  /** Ends all jobs and daemons, and removes the folder. */
  async stop(): Promise<void> {
    attempt(() => this.say("scancel", "--me"));
    for (let tries = 0; tries < 50 && attempt(() => this.say("squeue", "-h") !== ""); tries++) await sleep(100);
    // The nodes first, what all of them need last.
    for (const daemon of [...this.#daemons.keys()].reverse()) await this.stopDaemon(daemon);
    rmSync(this.folder, { recursive: true, force: true });
  }

  #logs(): string {
    return ["munge/log", "slurmctld.log", "slurmd.log", "munged.out", "slurmctld.out", "slurmd.out"]
      .map((name) => join(this.folder, name))
      .filter((file) => existsSync(file))
      .map((file) => `${file}\n${readFileSync(file, "utf8").split("\n").slice(-30).join("\n")}`)
      .join("\n");
  }
}

/** Names of the nodes. */
const nodeNames = (count: number) => Array.from({ length: count }, (_, n) => `node${n + 1}`);

/**
 * Starts a Slurm of one node, or of several with a daemon each on this machine.
 *
 * @param cpus tasks of one processor that run at once on a node
 * @param arraySize one more than the highest number of an element of an array
 */
export async function startSlurm({ nodes = 1, cpus = 4, arraySize = 1001 } = {}): Promise<SlurmNode> {
  // munged takes no socket in a folder that others could change; paths of sockets are short.
  const folder = mkdtempSync(join(tmpdir(), "slurm-"));
  chmodSync(folder, 0o755);
  for (const name of ["munge", "state", "spool"]) mkdirSync(join(folder, name), { mode: 0o755 });
  chmodSync(join(folder, "munge"), 0o700);
  writeFileSync(join(folder, "munge", "key"), randomBytes(1024), { mode: 0o600 });
  const user = userInfo().username;
  mkdirSync(join(folder, "state", "env_cache"));
  writeFileSync(join(folder, "state", "env_cache", user), `PATH=${path}\nHOME=${homedir()}\n`);
  const controller = await freePort();
  const names = nodeNames(nodes);
  const ports = await Promise.all(names.map(freePort));
  const settings = {
    ClusterName: "one",
    SlurmctldHost: "localhost(127.0.0.1)",
    SlurmctldPort: controller,
    CommunicationParameters: "NoInAddrAny,NoCtldInAddrAny",
    SlurmUser: user,
    SlurmdUser: user,
    AuthType: "auth/munge",
    // A task that is requeued waits for as long as a credential is good: 120 s were it not for this.
    AuthInfo: `socket=${folder}/munge.sock,cred_expire=5`,
    CredType: "cred/munge",
    StateSaveLocation: `${folder}/state`,
    SlurmdSpoolDir: `${folder}/spool/%n`,
    SlurmctldPidFile: `${folder}/slurmctld.pid`,
    SlurmdPidFile: `${folder}/slurmd.%n.pid`,
    SlurmctldLogFile: `${folder}/slurmctld.log`,
    SlurmdLogFile: `${folder}/slurmd.log`,
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    JobAcctGatherType: "jobacct_gather/none",
    AccountingStorageType: "accounting_storage/none",
    MailProg: "/bin/true",
    MpiDefault: "none",
    SwitchType: "switch/none",
    SchedulerType: "sched/backfill",
    SchedulerParameters: "batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_CPU",
    MaxArraySize: arraySize,
    MessageTimeout: 5,
    KillWait: 2,
    InactiveLimit: 0,
    // The login environment of tasks is read from a file: Slurm would start a login shell for each of them, and some
    // users' take seconds.
    GetEnvTimeout: 0,
    ReturnToService: 2,
    SlurmdParameters: "config_overrides",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const host = loopbackNames().length > 0 ? "localhost" : hostname().split(".")[0];
  lines.push(
    ...names.map(
      (node, n) =>
        `NodeName=${node} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${ports[n]} CPUs=${cpus} RealMemory=4096 State=UNKNOWN`,
    ),
    "PartitionName=short Nodes=ALL Default=YES MaxTime=60 DefaultTime=10 State=UP",
  );
  appendFileSync(join(folder, "slurm.conf"), `${lines.join("\n")}\n`);
  const slurm = new SlurmNode(folder);
  try {
    for (const each of ["munged", "slurmctld"] as const) await slurm.start(each);
    for (const node of names) await slurm.start(`slurmd ${node}`);
  } catch (error) {
    await slurm.stop();
    throw error;
  }
  return slurm;
}

/**
 * slurmctld listens where its host's name leads: where that is not the loopback interface, daemons get a name of their
 * own.
 */
function loopbackNames(): string[] {
  const leads = attempt(() => /^127\./m.test(execFileSync("getent", ["ahostsv4", hostname()], { encoding: "utf8" })));
  return leads ? [] : ["unshare", "--uts", "sh", "-c", 'hostname localhost && exec "$@"', "sh"];
}

function attempt(look: () => boolean | string): boolean {
  try {
    return Boolean(look());
  } catch {
    return false;
  }
}

/** A port that nobody listens at, below those that the system gives to connections: it is free a while later too. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}
