import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformIndex } from "../../coalitions/random.js";
import type { Random } from "../../coalitions/random-streams.js";
import { has } from "../../kinds.js";

/** Parts of a drawn face whose pixels can be told: the face is drawn with and without them. */
export const faceFeatures = ["hair", "eyes", "eyebrows", "nose", "mouth", "beard", "glasses"] as const;
/** One of `faceFeatures`. */
export type FaceFeature = (typeof faceFeatures)[number];

/** How much the faces differ. */
export const faceVarieties = ["varied", "full"] as const;
/**
 * "varied": a handful of clearly different styles of each feature, few enough that a small network learns all of them;
 * one face in four has a beard, one in five glasses. "full": every style of facesjs but hats and masks, one in two with
 * a beard.
 */
export type FaceVariety = (typeof faceVarieties)[number];

/**
 * What a drawn face shows: the label of its image. Styles are facesjs' own names, "none" where there is no such thing.
 */
export interface DrawnFace {
  readonly head: string;
  readonly ear: string;
  /** "bald" is a style that draws nothing. */
  readonly hair: string;
  readonly eyes: string;
  readonly eyebrows: string;
  readonly nose: string;
  readonly mouth: string;
  readonly beard: string;
  readonly glasses: string;
  /** `#rrggbb` */
  readonly skinColour: string;
  /** `#rrggbb`; beard and eyebrows have it too. */
  readonly hairColour: string;
  /** 0 (narrow) to 1 (wide). */
  readonly width: number;
  /** Degrees by which the eyes and the eyebrows slant. */
  readonly slant: number;
  /** Whether hair, nose and mouth are mirrored. */
  readonly mirrored: boolean;
}

/** Styles to choose from, by feature. */
export type FaceStyles = Readonly<Record<"head" | "ear" | FaceFeature, readonly string[]>>;

const varied: FaceStyles = {
  head: ["head1", "head4", "head12", "female1"],
  ear: ["ear1"],
  hair: ["bald", "short", "parted", "curly", "afro", "spike", "emo", "female1", "female5", "longHair"],
  eyes: ["eye1", "eye7", "eye8", "eye10", "eye11", "eye13"],
  eyebrows: ["eyebrow1", "eyebrow6", "eyebrow10", "eyebrow19"],
  nose: ["nose1", "nose2", "nose4", "nose12", "small"],
  mouth: ["closed", "mouth", "mouth7", "mouth8", "smile", "smile3", "smile4", "straight"],
  beard: ["beard1", "fullgoatee", "goatee2", "mustache1"],
  glasses: ["glasses1-primary", "glasses2-black"],
};

/** Black, brown, chestnut, blond, red. */
const hairColours = ["#272421", "#5a3825", "#a5682a", "#e9c67b", "#b55239"];
const skinColours = ["#f2d6cb", "#ddb7a0", "#eab687", "#bb876f", "#a67358", "#74453d"];

/** Probabilities of a beard and of glasses. */
const chances = { varied: { beard: 0.25, glasses: 0.2 }, full: { beard: 0.5, glasses: 0.1 } };

/** The styles of a variety; those of "full" are facesjs' own index. */
export function stylesOf(variety: FaceVariety, index: Readonly<Record<string, readonly string[]>>): FaceStyles {
  if (variety === "varied") return varied;
  const without = (part: string, ...left: string[]) => index[part].filter((style) => !left.includes(style));
  return {
    head: index.head,
    ear: index.ear,
    hair: index.hair,
    eyes: index.eye,
    eyebrows: index.eyebrow,
    nose: index.nose,
    mouth: index.mouth,
    beard: without("facialHair", "none"),
    glasses: without("glasses", "none", "facemask"),
  };
}

/**
 * A random face: features are drawn independently of each other, so that what goes with one says nothing of another.
 */
export function randomFace(random: Random, variety: FaceVariety, styles: FaceStyles): DrawnFace {
  const one = (from: readonly string[]) => from[uniformIndex(random, from.length)];
  const perhaps = (feature: "beard" | "glasses") => {
    const there = uniformFloat64(random) < chances[variety][feature];
    const style = one(styles[feature]);
    return there ? style : "none";
  };
  return {
    head: one(styles.head),
    ear: one(styles.ear),
    hair: one(styles.hair),
    eyes: one(styles.eyes),
    eyebrows: one(styles.eyebrows),
    nose: one(styles.nose),
    mouth: one(styles.mouth),
    beard: perhaps("beard"),
    glasses: perhaps("glasses"),
    skinColour: one(skinColours),
    hairColour: one(hairColours),
    width: uniformFloat64(random),
    slant: 12 * uniformFloat64(random) - 4,
    mirrored: uniformIndex(random, 2) === 1,
  };
}

/** Whether a face has a feature at all: everyone has eyes, not everyone hair. */
export function hasFeature(face: DrawnFace, feature: FaceFeature): boolean {
  has("face", face, "a DrawnFace", "head", "ear");
  return face[feature] !== "none" && face[feature] !== "bald";
}
