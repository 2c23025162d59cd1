import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Content of Jupyter's connection file. */
export interface Connection {
  readonly transport: "tcp";
  readonly ip: string;
  readonly key: string;
  readonly signature_scheme: "hmac-sha256";
  readonly kernel_name: string;
  readonly shell_port: number;
  readonly iopub_port: number;
  readonly stdin_port: number;
  readonly control_port: number;
  readonly hb_port: number;
}

/** A new connection on five free loopback ports, and the file that tells the kernel of it. */
export async function openConnection(kernelName: string): Promise<{
  connection: Connection;
  file: string;
  /** Removes the file. */
  remove(): void;
}> {
  const [shell_port, iopub_port, stdin_port, control_port, hb_port] = await freePorts(5);
  const connection: Connection = {
    transport: "tcp",
    ip: "127.0.0.1",
    key: randomBytes(16).toString("hex"),
    signature_scheme: "hmac-sha256",
    kernel_name: kernelName,
    shell_port,
    iopub_port,
    stdin_port,
    control_port,
    hb_port,
  };
  const folder = mkdtempSync(join(tmpdir(), "shapley-modes-kernel-"));
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(connection), { mode: 0o600 });
  return { connection, file, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Free loopback ports, all different: each is held until all are found. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<Server>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
