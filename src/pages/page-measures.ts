/** Width of a page's picture in pixels: of a column of a notebook. */
export const pictureWidth = 880;

/** Width in pixels of what is printed of a page in a frame, and the height that a sheet of paper has for it. */
export const paper = { width: 690, height: 900 } as const;
