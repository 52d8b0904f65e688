/** The catalogue in a language that, unlike English, has a form of its own for millions: “1 000 000 de lignes”. */
export type French<T> = { [K in keyof T]: T[K] extends string ? string : French<T[K]> } & { [K in keyof T as K extends `${infer Counted}_other` ? `${Counted}_many` : never]: string };
