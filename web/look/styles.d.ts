/** Vite reads a style that a module imports; TypeScript need not. */
declare module '*.css' {}
