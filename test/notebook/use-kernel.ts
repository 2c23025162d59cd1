import { afterAll, beforeAll } from "vitest";
import { type KernelClient, startKernel } from "../../src/notebook/run/client.js";
import { kernelSpec } from "../../src/notebook/run/kernelspec.js";
import { temporaryFolder } from "../helpers/folders.js";

/**
 * A kernel in a folder of its own, for all tests of a file: started before them, stopped after.
 *
 * @param ready gets the kernel, and may do what all tests need
 * @returns the folder, which is there at once
 */
export function useKernel(ready: (kernel: KernelClient) => unknown): string {
  const place = temporaryFolder();
  let kernel: KernelClient | undefined;
  beforeAll(async () => {
    kernel = await startKernel(kernelSpec(), { cwd: place.folder });
    await ready(kernel);
  });
  afterAll(async () => {
    await kernel?.stop();
    place.remove();
  });
  return place.folder;
}
