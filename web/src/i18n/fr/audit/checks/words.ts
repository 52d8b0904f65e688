/** Ce qui est dit de chaque contrôle d’une section, par ce qui suit le point dans son nom. */
export type SectionWords = Record<string, Record<'proves' | 'how' | 'mend', string>>;
