/** The types that the map's own refer to and do not bring. */
declare module 'svg-maps__common' {
  export interface Map {
    label: string;
    viewBox: string;
    locations: { id: string; name: string; path: string }[];
  }
}
