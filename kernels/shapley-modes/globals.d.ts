// What the kernel gives to cells, for TypeScript.
