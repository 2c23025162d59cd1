// How a folder that is made anew takes the place of one that may be in use.
import { existsSync, renameSync, rmSync } from "node:fs";

/** So many others may take the same place meanwhile. */
const tries = 100;

/** What a rename fails with where a folder has come to the place meanwhile. */
const taken = ["ENOTEMPTY", "EEXIST"];

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
      putBack(aside, place);
      // Somebody else was there between the two.
      if (rest === 0 || !["ENOENT", "EPERM", ...taken].includes(error.code) || !existsSync(fresh)) throw error;
    }
  }
  rmSync(aside, { recursive: true, force: true });
}

/** Puts what was set aside back, where nobody else has taken the place: then it goes. */
function putBack(aside, place) {
  try {
    if (existsSync(aside) && !existsSync(place)) renameSync(aside, place);
  } catch (error) {
    if (!taken.includes(error.code)) throw error;
  }
  rmSync(aside, { recursive: true, force: true });
}
