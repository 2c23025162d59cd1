import type { Schema } from "hast-util-sanitize";

/** Elements of which nothing stays, not even their text. Any other that is not allowed is replaced by what is in it. */
const strip = ["script", "style", "template", "textarea", "title", "iframe", "noembed", "noframes", "xmp", "plaintext"];
strip.push("object", "select", "option", "head", "audio", "video", "canvas", "portal", "frameset", "foreignObject");

const words =
  "a abbr address b bdi bdo big blockquote br center cite code dd del dfn dl dt em font hr i ins kbd li mark ol p pre q rp rt ruby s samp";
const more =
  "small span strong sub sup time tt u ul var wbr div section article header footer aside h1 h2 h3 h4 h5 h6 details summary figure figcaption img progress meter";
const tables = "table caption colgroup col thead tbody tfoot tr th td";
const formulas =
  "math mrow mi mo mn ms mtext mspace msup msub msubsup munder mover munderover mmultiscripts mprescripts none mfrac msqrt mroot mtable mtr mtd mstyle mpadded mphantom menclose merror semantics annotation";
/** Shapes and text. `use` is not among them: a few of it can stand for millions of shapes. */
const shapes =
  "svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient radialGradient stop clipPath marker desc";

const everywhere =
  "id style title lang dir role align vAlign width height ariaHidden ariaLabel colSpan rowSpan scope headers span dateTime open start reversed type border cellPadding cellSpacing color size face";
const ofFormulas =
  "display mathvariant stretchy fence separator form lspace rspace minsize maxsize symmetric largeop movablelimits accent accentunder scriptlevel displaystyle depth voffset linethickness columnalign rowalign rowspacing columnspacing columnlines rowlines frame framespacing notation columnspan side encoding";
const ofShapes =
  "xmlns viewBox preserveAspectRatio version d x y x1 y1 x2 y2 cx cy r rx ry dx dy fx fy points transform fill fillOpacity fillRule stroke strokeWidth strokeOpacity strokeLineCap strokeLineJoin strokeDashArray strokeDashOffset strokeMiterLimit opacity fontFamily fontSize fontWeight fontStyle textAnchor dominantBaseline alignmentBaseline baselineShift letterSpacing clipPath clipRule clipPathUnits gradientUnits gradientTransform offset stopColor stopOpacity spreadMethod vectorEffect shapeRendering textRendering paintOrder visibility textLength lengthAdjust rotate markerStart markerMid markerEnd markerWidth markerHeight markerUnits refX refY orient";

const list = (...texts: string[]): string[] => texts.flatMap((text) => text.split(" "));

/** Classes that this package's own pages use within prose, none of which a script of the page looks for. */
const ownClasses = /^(?:hljs(?:-[\w-]+)?|language-[\w+#.-]+|tml-[\w-]+|number|absent|special-fraction)$/;

const common = { strip, ancestors: {}, clobber: [], required: {}, allowComments: false, allowDoctypes: false } as const;

/**
 * What may be in HTML of others: words, tables, pictures, formulas, shapes. Nothing that acts, loads or lies over the
 * page.
 */
export const htmlSchema: Schema = {
  ...common,
  strip,
  clobber: [],
  tagNames: list(words, more, tables, formulas, shapes),
  attributes: {
    "*": [...list(everywhere, ofFormulas, ofShapes), ["className", ownClasses]],
    a: ["href"],
    img: ["src", "alt"],
    progress: ["max", "value"],
    meter: ["min", "max", "value"],
  },
  protocols: { href: ["http", "https", "mailto"], src: ["data"] },
};

/**
 * What may be in an SVG that is shown as a picture: it may have a style of its own, parts used again and pictures
 * inside.
 */
export const svgSchema: Schema = {
  ...common,
  strip: strip.filter((name) => name !== "style"),
  clobber: [],
  tagNames: list(shapes, "style use symbol pattern mask image textPath"),
  attributes: {
    "*": [
      ...list(everywhere, ofShapes, "className href xLinkHref xmlnsXLink xmlSpace display overflow mask maskUnits"),
      ...list("maskContentUnits patternUnits patternContentUnits patternTransform startOffset writingMode"),
    ],
  },
  protocols: { href: ["data"], xLinkHref: ["data"] },
};

/** Elements that act, load or replace the page: where one is left out, somebody should be told. */
export const activeElements: ReadonlySet<string> = new Set(
  list(
    "script iframe frame frameset object embed applet form meta base link portal audio video button input animate set",
  ),
);
