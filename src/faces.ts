/**
 * Drawn faces, their parts and masks.
 *
 * @module shapley-modes/faces
 */

export {
  type AtlasAgreementOptions,
  type AtlasAgreementRow,
  atlasAgreement,
} from "./datasets/faces/atlas-agreement.js";
export { type DrawFacesOptions, type DrawnFaces, drawFaces } from "./datasets/faces/drawn-faces.js";
export {
  type DrawnFace,
  type FaceFeature,
  type FaceVariety,
  faceFeatures,
  faceVarieties,
  hasFeature,
} from "./datasets/faces/face.js";
export { type FaceAtlas, type FaceAtlasOptions, loadFaceAtlas } from "./datasets/faces/face-atlas.js";
export { type FaceArea, faceAreas, faceMask, faceMasks } from "./datasets/faces/face-mask.js";
export { type FeatureMasks, type LikenessMasksOptions, likenessMasks } from "./datasets/faces/likeness-masks.js";
