// AssemblyScript, compiled at build time to dist/decoders/training/kernels.wasm, one module with one memory: what a
// decoder's training computes over and over, in float32. The host (kernels.ts) lays out the memory; all pointers and
// strides are in bytes. Widths of rows are multiples of four.
export * from "./product.as";
export * from "./layers.as";
export * from "./learning.as";
