/** Loads the library of matrices when it is first needed. */
export const loadMatrices = () => import("ml-matrix");
/** What {@link loadMatrices} gives. */
export type Matrices = Awaited<ReturnType<typeof loadMatrices>>;
