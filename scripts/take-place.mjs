// How a folder that is made anew takes the place of one that may be in use.
import { existsSync, renameSync, rmSync } from "node:fs";

/** So many others may take the same place meanwhile. */
const tries = 100;

/**
 * Puts a folder in the place of another, which then is removed: in that place there is a whole folder, be it the older or the newer,
 * all the time but for the moment between two renames. Where it fails, the older one stays. Several may do it at once: the last one stays.
 *
 * @param {string} fresh the new folder, in the same file system
 * @param {string} place where it is to be
 * @param {string} aside where the older one is for a moment: a name that nobody else uses
 */
export function takePlace(fresh, place, aside) {
  for (let rest = tries; ; rest--) {
    try {
      if (existsSync(place)) renameSync(place, aside);
      renameSync(fresh, place);
      break;
    } catch (error) {
      if (existsSync(aside)) {
        if (existsSync(place)) rmSync(aside, { recursive: true, force: true });
        else renameSync(aside, place);
      }
      // Somebody else was there between the two.
      if (rest === 0 || !["ENOENT", "ENOTEMPTY", "EEXIST", "EPERM"].includes(error.code) || !existsSync(fresh))
        throw error;
    }
  }
  rmSync(aside, { recursive: true, force: true });
}
