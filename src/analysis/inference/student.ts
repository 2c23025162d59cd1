/** Steps of the continued fraction at most: it takes some ten. */
const mostSteps = 10_000;
const tiny = 1e-300;

/**
 * Share of Student's t distribution that is further from 0 than `t`, on both sides together: the p value of a two-sided
 * t test. By the continued fraction of the incomplete beta function (Lentz 1976), so that small shares have all their
 * digits; `Infinity` degrees are taken as 10^7, which is normal to 6 digits.
 *
 * @param degrees of freedom, a positive number
 */
export function studentTails(t: number, degrees: number): number {
  if (Number.isNaN(t)) return Number.NaN;
  if (!Number.isFinite(t)) return 0;
  if (t === 0) return 1;
  const nu = Math.min(degrees, 1e7);
  return incompleteBeta(nu / (nu + t * t), (t * t) / (nu + t * t), nu / 2, 0.5);
}

/** I_x(a, b), with y = 1 - x given apart so that no digits are lost. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  const logBeta = logGamma(a) + logGamma(b) - logGamma(a + b);
  const front = Math.exp(a * logOf(x, y) + b * logOf(y, x) - logBeta);
  return x < (a + 1) / (a + b + 2) ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(y, b, a)) / b;
}

/** ln x, where 1 - x is known as exactly. */
function logOf(x: number, rest: number): number {
  return x < 0.5 ? Math.log(x) : Math.log1p(-rest);
}

function fraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / guarded(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m < mostSteps; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guarded(1 + even * d);
    c = guarded(1 + even / c);
    product *= c * d;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guarded(1 + odd * d);
    c = guarded(1 + odd / c);
    product *= c * d;
    if (Math.abs(c * d - 1) < 1e-15) break;
  }
  return product;
}

/** ln Gamma(x) for x > 0, to some 14 digits: Stirling's series, once x is large enough. */
function logGamma(x: number): number {
  let product = 1;
  let z = x;
  for (; z < 12; z++) product *= z;
  const inverse = 1 / (z * z);
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

function guarded(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
