import { execFile, execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/package.js";
import { temporaryFolder } from "../helpers/folders.js";
import { available, chromium } from "../helpers/optional.js";

/** Whether strace is there and may trace. */
function traces(): boolean {
  try {
    execFileSync("strace", ["-f", "--seccomp-bpf", "-o", "/dev/null", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const runs = available("strace (apt-get install strace)", traces()) && available("Chromium", chromium());
describe.runIf(runs)("drawing under strace", () => {
  const place = temporaryFolder();
  afterAll(() => place.remove());

  /** Calls that ask another machine: a connection to it, or a packet for it, of any process below a program. */
  async function asked(name: string, program: string): Promise<{ asked: string[]; trace: string }> {
    const script = join(place.folder, `${name}.mjs`);
    const log = join(place.folder, `${name}.strace`);
    writeFileSync(script, program);
    const calls = "trace=connect,sendto,sendmsg,sendmmsg,execve";
    await promisify(execFile)(
      "strace",
      ["-f", "--seccomp-bpf", "-s", "256", "-e", calls, "-o", log, process.execPath, script],
      {
        cwd: place.folder,
        timeout: 250_000,
      },
    );
    const trace = readFileSync(log, "latin1");
    const lines = trace.split("\n").filter((line) => /\b(connect|sendto|sendmsg|sendmmsg)\(.*AF_INET/.test(line));
    return { asked: lines.filter((line) => !/inet_addr\("127\.|AF_INET6, "::1"/.test(line)), trace };
  }

  it("a connect without a packet is seen", async () => {
    const { asked: found } = await asked(
      "control",
      `import { createSocket } from "node:dgram";
const socket = createSocket("udp4");
socket.connect(9, "192.0.2.1", () => socket.close());`,
    );
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("192.0.2.1");
  });

  it("PNG, SVG, PDF and a notebook's picture: no name is asked for, nothing is connected to, also where a figure names one", async () => {
    const built = (...path: string[]) => JSON.stringify(pathToFileURL(join(packageRoot, "dist", ...path)).href);
    const { asked: found, trace } = await asked(
      "figures",
      `import { saveFigure } from ${built("figures", "render", "save-figure.js")};
import { closeChromium, keepChromium } from ${built("figures", "render", "chromium.js")};
import { figureBundle } from ${built("notebook", "display", "figure-bundle.js")};
keepChromium(60);
const image = { source: "http://192.0.2.9/x.png", x: 0, y: 1, sizex: 1, sizey: 1 };
const named = { source: "https://figures.example/x.png", x: 0, y: 1, sizex: 1, sizey: 1 };
const figure = { data: [{ y: [1, 2] }], layout: { images: [image, named] } };
const plain = { data: [{ y: [1, 2] }], layout: {} };
for (const format of ["png", "svg", "pdf"]) await saveFigure(plain, "figure." + format);
await saveFigure(figure, "images.png").catch(() => undefined);
if (!(await figureBundle(plain)).data["image/png"]) throw new Error("no picture");
// The browser's own services ask again after one and after four seconds.
await new Promise((resolve) => setTimeout(resolve, 6000));
await closeChromium();`,
    );
    expect(trace.match(/execve\(".*chrom/g)?.length).toBeGreaterThan(1);
    expect(readdirSync(place.folder)).toEqual(expect.arrayContaining(["figure.png", "figure.svg", "figure.pdf"]));
    expect(found).toEqual([]);
    expect(trace).not.toMatch(/googleapis|google\\3com/);
  });
});
